-- Waits until no other session observes the source. The lock lasts until the transaction ends.
-- Returns: one row.
SELECT pg_advisory_xact_lock(1380209235, 16)
