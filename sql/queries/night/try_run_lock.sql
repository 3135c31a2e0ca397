-- One run at a time. The lock ends with the transaction, however that ends.
-- Returns: acquired, began_at (the transaction's own time, which the run's row carries), transaction_id (by which other
-- sessions can tell whether it goes on; a pooler makes up process numbers).
SELECT pg_try_advisory_xact_lock(1380209235, 1) AS acquired, now() AS began_at,
       pg_current_xact_id()::text::bigint AS transaction_id
