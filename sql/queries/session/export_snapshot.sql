-- Returns: the snapshot's name for the other readers, and the current time.
SELECT pg_export_snapshot() AS snapshot, now() AS present
