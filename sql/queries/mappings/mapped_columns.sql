-- The columns of a schema of this database that the current user may use. Parameter: the schema. Columns: table_name,
-- column_name. Order: none.
SELECT columns.table_name::text, columns.column_name::text
FROM information_schema.columns
WHERE columns.table_schema = $1
