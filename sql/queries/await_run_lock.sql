-- Waits until no run is active, bounded by lock_timeout.
SELECT pg_advisory_xact_lock(1380209235, 1)
