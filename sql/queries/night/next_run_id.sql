-- Returns: the number of the next run, and the ledger's id. Numbers have no gaps, because they are
-- given under the run lock.
SELECT coalesce(max(run_id), 0) + 1 AS run_id,
       coalesce((SELECT ledger_id::text FROM redress.ledger), '') AS ledger_id
  FROM redress.run
