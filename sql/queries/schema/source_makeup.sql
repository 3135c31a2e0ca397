-- Facts about what the views of redress_source are made of. Parameter: the relations. One row for
-- each fact, in the order of the parameter, then kind, name, detail.
--
-- Columns: relation text, kind text, name text, detail text. Kinds:
--   foreign_table      name: a foreign table below the relation; detail: its foreign-data wrapper
--   row_security       name: a table whose rows a policy hides from the role that reads it.
--                      detail: that role, then the policies, separated by line ends
--   far_server         name: a server of postgres_fdw below the relation, quoted, whose sessions
--                      may filter rows; detail: its options, empty if it has none
--   hiding_function    name: a function in a view that sets row_security = on for itself.
--                      detail: the role whose rights it uses
--   unread_column      name: a column of the contract that this program does not read
--   session_zone       name: a conversion in a view whose result depends on the session's TimeZone
--   volatile_function  name: a function in a view that may give another result at each call
-- The calls of functions are read from the view's stored tree, because dependencies on built-in
-- functions are not recorded.
WITH RECURSIVE below AS (
  -- reader is the role whose rights count; null is the current user.
  SELECT expected.relation, expected.ordinal, pg_class.oid, pg_class.relkind, NULL::oid AS reader, true AS is_named
  FROM unnest($1::text[]) WITH ORDINALITY AS expected (relation, ordinal)
  JOIN pg_catalog.pg_namespace ON pg_namespace.nspname = 'redress_source'
  JOIN pg_catalog.pg_class
    ON pg_class.relnamespace = pg_namespace.oid
    AND pg_class.relname = expected.relation
    AND pg_class.relkind IN ('r', 'p', 'v', 'm', 'f')
  -- UNION without ALL: relations that were found before are not visited again.
  UNION
  SELECT below.relation, below.ordinal, next.oid, next.relkind, next.reader, next.is_named
  FROM below
  CROSS JOIN LATERAL (
    SELECT
      pg_class.oid,
      pg_class.relkind,
      CASE WHEN EXISTS (
        SELECT 1
        FROM pg_catalog.pg_options_to_table(view.reloptions) AS option
        WHERE option.option_name = 'security_invoker' AND option.option_value::boolean)
      THEN below.reader ELSE view.relowner END AS reader,
      true AS is_named
    FROM pg_catalog.pg_class AS view
    JOIN pg_catalog.pg_rewrite ON pg_rewrite.ev_class = view.oid
    JOIN pg_catalog.pg_depend
      ON pg_depend.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
      AND pg_depend.objid = pg_rewrite.oid
      AND pg_depend.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
      AND pg_depend.refobjid <> view.oid
    JOIN pg_catalog.pg_class ON pg_class.oid = pg_depend.refobjid
    WHERE view.oid = below.oid AND below.relkind = 'v'
    UNION ALL
    -- Partitions and children. The policies of their parent count.
    SELECT pg_class.oid, pg_class.relkind, below.reader, false
    FROM pg_catalog.pg_inherits
    JOIN pg_catalog.pg_class ON pg_class.oid = pg_inherits.inhrelid
    WHERE pg_inherits.inhparent = below.oid AND below.relkind IN ('r', 'p')
  ) AS next
),
tree AS (
  SELECT below.relation, below.ordinal, pg_rewrite.ev_action::text AS action
  FROM below
  JOIN pg_catalog.pg_rewrite ON pg_rewrite.ev_class = below.oid
  WHERE below.relkind = 'v'
),
called AS (
  SELECT DISTINCT tree.relation, tree.ordinal, matched.digits[1]::oid AS oid
  FROM tree
  CROSS JOIN LATERAL pg_catalog.regexp_matches(
    tree.action, ':(?:funcid|opfuncid|tsmhandler) ([0-9]{1,9})\M', 'g') AS matched (digits)
),
fact AS (
  SELECT
    below.relation, below.ordinal, 'foreign_table' AS kind,
    pg_catalog.format('%I.%I', pg_namespace.nspname, pg_class.relname) AS name,
    pg_foreign_data_wrapper.fdwname::text AS detail
  FROM below
  JOIN pg_catalog.pg_class ON pg_class.oid = below.oid
  JOIN pg_catalog.pg_namespace ON pg_namespace.oid = pg_class.relnamespace
  JOIN pg_catalog.pg_foreign_table ON pg_foreign_table.ftrelid = below.oid
  JOIN pg_catalog.pg_foreign_server ON pg_foreign_server.oid = pg_foreign_table.ftserver
  JOIN pg_catalog.pg_foreign_data_wrapper ON pg_foreign_data_wrapper.oid = pg_foreign_server.srvfdw
  UNION
  SELECT
    below.relation, below.ordinal, 'row_security',
    pg_catalog.format('%I.%I', pg_namespace.nspname, pg_class.relname),
    pg_catalog.concat_ws(
      E'\n', reader.rolname,
      (SELECT pg_catalog.string_agg(pg_policy.polname::text, E'\n' ORDER BY pg_policy.polname::text COLLATE "C")
       FROM pg_catalog.pg_policy WHERE pg_policy.polrelid = below.oid))
  FROM below
  JOIN pg_catalog.pg_class ON pg_class.oid = below.oid
  JOIN pg_catalog.pg_namespace ON pg_namespace.oid = pg_class.relnamespace
  JOIN pg_catalog.pg_roles AS reader
    ON CASE WHEN below.reader IS NULL THEN reader.rolname = current_user ELSE reader.oid = below.reader END
  WHERE below.is_named
  AND pg_class.relrowsecurity
  AND NOT (reader.rolsuper OR reader.rolbypassrls)
  AND (pg_class.relforcerowsecurity OR NOT pg_catalog.pg_has_role(reader.oid, pg_class.relowner, 'USAGE'))
  UNION
  -- row_security = off holds in this session, not on the foreign server. If the options have
  -- several settings, the last one counts.
  SELECT below.relation, below.ordinal, 'far_server', pg_catalog.quote_ident(pg_foreign_server.srvname::text), given.value
  FROM below
  JOIN pg_catalog.pg_foreign_table ON pg_foreign_table.ftrelid = below.oid
  JOIN pg_catalog.pg_foreign_server ON pg_foreign_server.oid = pg_foreign_table.ftserver
  JOIN pg_catalog.pg_foreign_data_wrapper ON pg_foreign_data_wrapper.oid = pg_foreign_server.srvfdw
  LEFT JOIN LATERAL (
    SELECT option.option_value AS value
    FROM pg_catalog.pg_options_to_table(pg_foreign_server.srvoptions) AS option
    WHERE option.option_name = 'options'
  ) AS given ON true
  WHERE pg_foreign_data_wrapper.fdwname = 'postgres_fdw'
  AND pg_catalog.lower(COALESCE(given.value, ''))
    !~ '^(.*\s)?(-c\s*|--)row[_-]security=(off|false|no|0)(\s(?!.*row[_-]security).*)?$'
  UNION
  SELECT
    called.relation, called.ordinal, 'hiding_function', called.oid::pg_catalog.regprocedure::text, executor.rolname::text
  FROM called
  JOIN pg_catalog.pg_proc ON pg_proc.oid = called.oid
  JOIN pg_catalog.pg_roles AS executor
    ON CASE WHEN pg_proc.prosecdef THEN executor.oid = pg_proc.proowner ELSE executor.rolname = current_user END
  WHERE NOT (executor.rolsuper OR executor.rolbypassrls)
  AND EXISTS (
    SELECT 1
    FROM pg_catalog.pg_options_to_table(pg_proc.proconfig) AS setting
    WHERE setting.option_name = 'row_security' AND setting.option_value::boolean)
  UNION
  SELECT DISTINCT
    below.relation, below.ordinal,
    'wrong_type', pg_attribute.attname::text,
    pg_catalog.format_type(pg_attribute.atttypid, pg_attribute.atttypmod)
  FROM below
  JOIN pg_catalog.pg_class ON pg_class.oid = below.oid AND pg_class.relname = below.relation
  JOIN pg_catalog.pg_namespace
    ON pg_namespace.oid = pg_class.relnamespace AND pg_namespace.nspname = 'redress_source'
  JOIN pg_catalog.pg_attribute
    ON pg_attribute.attrelid = pg_class.oid AND pg_attribute.attnum > 0 AND NOT pg_attribute.attisdropped
  WHERE (pg_class.relname, pg_attribute.attname) IN (('invoice', 'applied_credit'), ('outage', 'share'))
    AND pg_attribute.atttypid <> 'pg_catalog.numeric'::pg_catalog.regtype
  UNION
  SELECT called.relation, called.ordinal, 'volatile_function', called.oid::pg_catalog.regprocedure::text, NULL
  FROM called
  JOIN pg_catalog.pg_proc ON pg_proc.oid = called.oid
  WHERE pg_proc.provolatile = 'v'
  UNION
  SELECT called.relation, called.ordinal, 'session_zone', zoned.name, NULL
  FROM called
  JOIN (VALUES
    ('pg_catalog.timestamptz(timestamp)', 'timestamp to timestamptz'),
    ('pg_catalog.timestamptz(date)', 'date to timestamptz'),
    ('pg_catalog.timestamp(timestamptz)', 'timestamptz to timestamp'),
    ('pg_catalog.date(timestamptz)', 'timestamptz to date'),
    ('pg_catalog.time(timestamptz)', 'timestamptz to time'),
    ('pg_catalog.to_timestamp(text, text)', 'to_timestamp(text, text)'),
    ('pg_catalog.date_trunc(text, timestamptz)', 'date_trunc(text, timestamptz)'),
    ('pg_catalog.make_timestamptz(integer, integer, integer, integer, integer, double precision)',
      'make_timestamptz without a zone')
  ) AS zoned (function, name) ON called.oid = zoned.function::pg_catalog.regprocedure
  UNION
  -- A cast through text; 1184 is timestamptz. In other nodes another field follows.
  SELECT tree.relation, tree.ordinal, 'session_zone', 'text to timestamptz', NULL
  FROM tree
  WHERE tree.action LIKE '%:resulttype 1184 :resultcollid%'
)
SELECT fact.relation, fact.kind, fact.name, COALESCE(fact.detail, '') AS detail
FROM fact
ORDER BY fact.ordinal, fact.kind COLLATE "C", fact.name COLLATE "C", fact.detail COLLATE "C"
