-- Distributes a table by customer. Only with the extension citus. Parameters: its name, the table that is
-- distributed alike, or none. Returns nothing that is looked at.
SELECT pg_catalog.create_distributed_table($1::text::pg_catalog.regclass, 'customer_id', colocate_with := $2::text)
