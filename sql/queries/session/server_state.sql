-- Whether the server is a standby, which replays the changes of another server. Returns: is_standby
-- boolean.
SELECT pg_catalog.pg_is_in_recovery() AS is_standby
