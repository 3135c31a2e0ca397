-- Keeps place_on_invoice and release_invoice out during the run: open amounts must not change. They
-- take the same lock in shared mode. Readers are not blocked. Waits at most lock_timeout for calls
-- that have begun.
SELECT pg_advisory_xact_lock(1380209235, 2)
