-- The migrations recorded in this database, by number. Columns: number, name, digest. The table
-- exists only after migration 1.
SELECT
  schema_migration.number,
  schema_migration.name,
  schema_migration.digest
FROM redress.schema_migration
ORDER BY schema_migration.number
