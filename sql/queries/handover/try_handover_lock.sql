-- One sender at a time. The lock ends with the transaction, however that ends.
-- Returns: acquired.
SELECT pg_catalog.pg_try_advisory_xact_lock(1380209235, 15) AS acquired
