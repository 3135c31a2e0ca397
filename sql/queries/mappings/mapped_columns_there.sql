-- The same of the database behind a foreign server, through the foreign table that redress map apply makes for it.
SELECT remote_column.table_name, remote_column.column_name
FROM redress_mapping.remote_column
WHERE remote_column.table_schema = $1
