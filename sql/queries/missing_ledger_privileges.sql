-- What the current user lacks of what a run needs in redress. Parameters: two arrays of one length, relation and
-- privilege (SELECT or INSERT). Columns: relation, privilege; in the order of the parameters. Relations that do not
-- exist are left out.
SELECT expected.relation, expected.privilege
FROM ROWS FROM (
  unnest($1::text[]), unnest($2::text[])) WITH ORDINALITY AS expected (relation, privilege, ordinal)
JOIN pg_catalog.pg_namespace ON pg_namespace.nspname = 'redress'
JOIN pg_catalog.pg_class
  ON pg_class.relnamespace = pg_namespace.oid AND pg_class.relname = expected.relation
WHERE NOT (
  pg_catalog.has_schema_privilege(pg_namespace.oid, 'USAGE')
  AND pg_catalog.has_table_privilege(pg_class.oid, expected.privilege))
ORDER BY expected.ordinal
