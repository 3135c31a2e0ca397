-- The extension citus of this database. Returns: version; no row where it is not there.
SELECT pg_extension.extversion AS version
FROM pg_catalog.pg_extension
WHERE pg_extension.extname = 'citus'
