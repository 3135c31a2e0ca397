-- Lets every node see a table that stays on the coordinator. Only with the extension citus. Parameter: its name.
-- Returns nothing that is looked at.
SELECT pg_catalog.citus_add_local_table_to_metadata($1::text::pg_catalog.regclass)
