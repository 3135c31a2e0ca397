-- Which of the named relations exist in redress_source. Parameter: their names. Column: name.
-- Order: byte order.
SELECT pg_class.relname COLLATE "C" AS name
FROM pg_catalog.pg_class
JOIN pg_catalog.pg_namespace ON pg_namespace.oid = pg_class.relnamespace
WHERE pg_namespace.nspname = 'redress_source'
  AND pg_class.relname = ANY ($1::text[])
  AND pg_class.relkind IN ('r', 'p', 'v', 'm', 'f')
ORDER BY pg_class.relname COLLATE "C"
