-- Takes the lock that allows one run at a time. The lock ends with the transaction, even if that
-- fails.
-- Returns: acquired, began_at (the transaction's start, which is also in the run's row),
-- transaction_id (lets other sessions see whether the transaction goes on; process numbers are not
-- real behind a pooler).
SELECT pg_try_advisory_xact_lock(1380209235, 1) AS acquired, now() AS began_at,
       pg_current_xact_id()::text::bigint AS transaction_id
