-- Whether a relation of the source has a column tax that the current user may read.
-- Parameter: the relation. Returns: tells_tax.
SELECT EXISTS (SELECT 1
                 FROM pg_catalog.pg_attribute AS a
                 JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
                 JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
                WHERE n.nspname = 'redress_source' AND c.relname = $1::text
                  AND a.attname = 'tax' AND a.attnum > 0 AND NOT a.attisdropped
                  AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
                  AND pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT')
                LIMIT 1) AS tells_tax
