-- Whether the server only follows another one, whose changes it replays. Returns: is_standby boolean.
SELECT pg_catalog.pg_is_in_recovery() AS is_standby
