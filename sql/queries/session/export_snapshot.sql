-- Returns: the snapshot's name for the other readers, the current time, and whether the database is one of several nodes.
SELECT pg_export_snapshot() AS snapshot, now() AS present,
       EXISTS (SELECT 1 FROM pg_catalog.pg_extension WHERE extname = 'citus' LIMIT 1) AS is_distributed
