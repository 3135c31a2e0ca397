-- Whether the ledger has the function that locks it on every node. Returns: has_locks.
SELECT pg_catalog.to_regprocedure('redress.keep_invoicing_out()') IS NOT NULL AS has_locks
