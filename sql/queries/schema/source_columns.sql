-- Whether each expected column of redress_source exists and can be read by the current user.
-- Parameters: three arrays of the same length: relations, columns, types. One row for each element,
-- in their order.
--
-- Columns: schema_is_usable boolean (null: no such schema), relation_exists boolean, column_exists
-- boolean, found_type text (null if there is no column; a domain's base type; an array's as
-- type[]), is_of_type boolean, is_readable boolean. varchar counts as text because its bytes on the
-- wire are the same. A domain counts as its base type for the same reason.
SELECT
  CASE WHEN pg_namespace.oid IS NOT NULL THEN
    pg_catalog.has_schema_privilege(pg_namespace.oid, 'USAGE')
  END AS schema_is_usable,
  pg_class.oid IS NOT NULL AS relation_exists,
  pg_attribute.attnum IS NOT NULL AS column_exists,
  pg_catalog.format_type(base.oid, NULL) AS found_type,
  COALESCE(
    CASE base.oid WHEN 'varchar'::pg_catalog.regtype THEN 'text'::pg_catalog.regtype ELSE base.oid END
      = pg_catalog.to_regtype(expected.type), false) AS is_of_type,
  COALESCE(
    pg_catalog.has_column_privilege(pg_class.oid, pg_attribute.attnum, 'SELECT'), false) AS is_readable
FROM ROWS FROM (
  unnest($1::text[]), unnest($2::text[]), unnest($3::text[]))
  WITH ORDINALITY AS expected (relation, name, type, ordinal)
LEFT JOIN pg_catalog.pg_namespace ON pg_namespace.nspname = 'redress_source'
LEFT JOIN pg_catalog.pg_class
  ON pg_class.relnamespace = pg_namespace.oid
  AND pg_class.relname = expected.relation
  AND pg_class.relkind IN ('r', 'p', 'v', 'm', 'f')
LEFT JOIN pg_catalog.pg_attribute
  ON pg_attribute.attrelid = pg_class.oid
  AND pg_attribute.attname = expected.name
  AND pg_attribute.attnum > 0
  AND NOT pg_attribute.attisdropped
LEFT JOIN LATERAL (
  WITH RECURSIVE below AS (
    SELECT pg_type.oid, pg_type.typtype, pg_type.typbasetype
    FROM pg_catalog.pg_type
    WHERE pg_type.oid = pg_attribute.atttypid
    UNION ALL
    SELECT pg_type.oid, pg_type.typtype, pg_type.typbasetype
    FROM below
    JOIN pg_catalog.pg_type ON pg_type.oid = below.typbasetype
    WHERE below.typtype = 'd'
  )
  SELECT below.oid FROM below WHERE below.typtype <> 'd'
) AS base ON true
ORDER BY expected.ordinal
