-- The relations of redress_source and what is said about each. Columns: name, comment (empty where there is none).
-- Order: byte order of the name.
SELECT
  pg_class.relname COLLATE "C" AS name,
  COALESCE(pg_catalog.obj_description(pg_class.oid, 'pg_class'), '') AS comment
FROM pg_catalog.pg_class
JOIN pg_catalog.pg_namespace ON pg_namespace.oid = pg_class.relnamespace
WHERE pg_namespace.nspname = 'redress_source'
  AND pg_class.relkind IN ('r', 'p', 'v', 'm', 'f')
ORDER BY pg_class.relname COLLATE "C"
