-- The migrations recorded in this database, by number. Columns: number, name, digest. The table itself exists only
-- where migration 1 has been applied.
SELECT
  schema_migration.number,
  schema_migration.name,
  schema_migration.digest
FROM redress.schema_migration
ORDER BY schema_migration.number
