-- Whether the current user is the ledger's owner, who may rehearse a night that is to come.
-- Returns: may_run_ahead.
SELECT pg_catalog.pg_has_role(pg_class.relowner, 'USAGE') AS may_run_ahead
  FROM pg_catalog.pg_class
 WHERE pg_class.oid = 'redress.run'::pg_catalog.regclass
