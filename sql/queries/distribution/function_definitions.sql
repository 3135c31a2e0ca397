-- The functions of the ledger as statements that replace them, in the order in which they were made.
-- Returns: definition.
SELECT pg_catalog.pg_get_functiondef(pg_proc.oid) AS definition
FROM pg_catalog.pg_proc
JOIN pg_catalog.pg_namespace ON pg_namespace.oid = pg_proc.pronamespace
WHERE pg_namespace.nspname = 'redress' AND pg_proc.prokind = 'f'
ORDER BY pg_proc.oid
