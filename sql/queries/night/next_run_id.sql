-- Returns: the number of the next run, without gaps, because runs are numbered under the run lock; the ledger's id.
SELECT coalesce(max(run_id), 0) + 1 AS run_id,
       coalesce((SELECT ledger_id::text FROM redress.ledger), '') AS ledger_id
  FROM redress.run
