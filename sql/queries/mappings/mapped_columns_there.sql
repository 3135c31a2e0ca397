-- The columns of a schema behind a foreign server that its user may use. Only beside the foreign table that redress map apply
-- makes. Parameter: the schema. Columns: table_name, column_name. Order: none.
SELECT remote_column.table_name, remote_column.column_name
FROM redress_mapping.remote_column
WHERE remote_column.table_schema = $1
