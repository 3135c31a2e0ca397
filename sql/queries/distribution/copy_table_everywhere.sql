-- Keeps a small table whole on every node. Only with the extension citus. Parameter: its name. Returns nothing
-- that is looked at.
SELECT pg_catalog.create_reference_table($1::text::pg_catalog.regclass)
