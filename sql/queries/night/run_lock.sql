-- Waits until no run is active, and keeps others from starting until the transaction ends. A
-- migration must not change anything during a run.
SELECT pg_catalog.pg_advisory_xact_lock(1380209235, 1)
