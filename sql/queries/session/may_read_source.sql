-- Whether the session's user may read what there is of the source. Returns: one boolean.
SELECT NOT EXISTS (SELECT 1
                     FROM pg_catalog.pg_class AS c
                     JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
                    WHERE n.nspname = 'redress_source'
                      AND c.relname IN ('customer', 'service', 'subscription_term', 'incident', 'outage', 'exclusion',
                                        'invoice')
                      AND NOT (pg_catalog.has_schema_privilege(n.oid, 'USAGE')
                               AND pg_catalog.has_any_column_privilege(c.oid, 'SELECT'))
                    LIMIT 1) AS may_read
