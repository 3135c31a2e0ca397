-- Waits until no other migrator works on this database. Held until the transaction ends.
SELECT pg_catalog.pg_advisory_xact_lock(1380209235, 3)
