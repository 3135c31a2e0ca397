-- Whether any migration has been applied to this database. One row, column: is_there boolean.
SELECT pg_catalog.to_regclass('redress.schema_migration') IS NOT NULL AS is_there
