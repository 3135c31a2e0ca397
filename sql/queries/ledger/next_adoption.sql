-- What the row of an adoption is to say of its transaction.
-- Returns: adopted_at, adopted_by, after_run (the newest run, 0 where there is none), the ledger's id.
SELECT now() AS adopted_at, session_user::text AS adopted_by,
       coalesce((SELECT max(run_id) FROM redress.run), 0) AS after_run,
       coalesce((SELECT ledger_id::text FROM redress.ledger), '') AS ledger_id
