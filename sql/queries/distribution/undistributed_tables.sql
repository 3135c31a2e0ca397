-- Which of the named relations are tables of this node alone. Only with the extension citus.
-- Parameter: names with their schemas. Returns: name; in the order of the parameter. What is missing or a view is left out.
SELECT wanted.name
FROM unnest($1::text[]) WITH ORDINALITY AS wanted (name, ordinal)
JOIN pg_catalog.pg_class
  ON pg_class.oid = pg_catalog.to_regclass(wanted.name)
  AND pg_class.relkind IN ('r', 'p')
LEFT JOIN pg_catalog.pg_dist_partition ON pg_dist_partition.logicalrelid = pg_class.oid
WHERE pg_dist_partition.logicalrelid IS NULL
ORDER BY wanted.ordinal
