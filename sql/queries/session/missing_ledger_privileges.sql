-- The privileges on schema redress that a command needs and the current user lacks. Parameters: two
-- arrays of the same length, object and privilege: SELECT or INSERT on a relation, EXECUTE on a
-- function with the types of its arguments. Columns: object, privilege, in the order of the
-- parameters. ROW SECURITY means that a policy hides rows of a relation from the user. Objects that
-- do not exist are left out.
SELECT expected.object, lacking.privilege
FROM ROWS FROM (
  unnest($1::text[]), unnest($2::text[])) WITH ORDINALITY AS expected (object, privilege, ordinal)
JOIN pg_catalog.pg_namespace ON pg_namespace.nspname = 'redress'
LEFT JOIN pg_catalog.pg_class
  ON pg_class.relnamespace = pg_namespace.oid AND pg_class.relname = expected.object
CROSS JOIN LATERAL (
  SELECT pg_catalog.has_schema_privilege(pg_namespace.oid, 'USAGE') AS is_usable
) AS schema
CROSS JOIN LATERAL (
  SELECT expected.privilege
  WHERE CASE
    WHEN expected.privilege = 'EXECUTE' THEN
      -- Looking up a function's name needs the user's right to the schema.
      schema.is_usable AND NOT COALESCE(
        pg_catalog.has_function_privilege(
          pg_catalog.to_regprocedure('redress.' || expected.object), 'EXECUTE'), true)
    ELSE
      pg_class.oid IS NOT NULL
      AND NOT (
        schema.is_usable
        AND CASE expected.privilege
          -- Some columns of a proposal take their defaults whoever inserts it.
          WHEN 'INSERT' THEN pg_catalog.has_any_column_privilege(pg_class.oid, expected.privilege)
          ELSE pg_catalog.has_table_privilege(pg_class.oid, expected.privilege)
        END)
  END
  UNION ALL
  SELECT 'ROW SECURITY'
  WHERE expected.privilege = 'SELECT' AND pg_catalog.row_security_active(pg_class.oid)
) AS lacking (privilege)
ORDER BY expected.ordinal, lacking.privilege COLLATE "C"
