-- Returns: the snapshot's name for the other readers, the present time.
SELECT pg_export_snapshot() AS snapshot, now() AS present
