-- Every time zone name that the server knows, as it is written. Returns: name. Order: byte order.
SELECT name FROM pg_timezone_names ORDER BY name COLLATE "C"
