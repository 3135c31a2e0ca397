-- What a mapping is made with. Parameter: the name of a foreign server, or null. Columns: has_functions, has_source and
-- has_server booleans.
SELECT
  pg_catalog.to_regprocedure('redress.instant(numeric, text)') IS NOT NULL AS has_functions,
  pg_catalog.to_regnamespace('redress_source') IS NOT NULL AS has_source,
  EXISTS (SELECT 1 FROM pg_catalog.pg_foreign_server WHERE pg_foreign_server.srvname = $1 LIMIT 1) AS has_server
