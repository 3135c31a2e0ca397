-- Keeps invoicing out of a migration, also where the functions of the ledger are not there yet. Waits, bounded by
-- lock_timeout, for what has begun.
SELECT pg_catalog.pg_advisory_xact_lock(1380209235, 2)
