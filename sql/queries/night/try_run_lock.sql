-- One run at a time, whichever node it talks to. The lock ends with the transaction, however that ends.
-- Returns: acquired, began_at (the transaction's own time, which the run's row carries), transaction_id (by which other
-- sessions can tell whether it goes on; a pooler makes up process numbers).
SELECT redress.try_run_lock() AS acquired, now() AS began_at, pg_current_xact_id()::text::bigint AS transaction_id
