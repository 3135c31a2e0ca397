-- How tables are distributed. Only with the extension citus. Parameter: their names.
-- Returns: name, is_distributed, is_alike (whether what belongs together is on one node, that is as in the first of the
-- tables). Order: of the parameter.
SELECT wanted.name,
       coalesce(own.partmethod = 'h', false) AS is_distributed,
       coalesce(own.colocationid = first.colocationid, false) AS is_alike
  FROM unnest($1::text[]) WITH ORDINALITY AS wanted (name, ordinal)
  LEFT JOIN pg_catalog.pg_dist_partition AS own ON own.logicalrelid = pg_catalog.to_regclass(wanted.name)
  LEFT JOIN pg_catalog.pg_dist_partition AS first ON first.logicalrelid = pg_catalog.to_regclass(($1::text[])[1])
 ORDER BY wanted.ordinal
