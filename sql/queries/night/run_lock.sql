-- Waits until no run is active and none can begin; held until the transaction ends. What a migration changes must not
-- change under a run.
SELECT pg_catalog.pg_advisory_xact_lock(1380209235, 1)
