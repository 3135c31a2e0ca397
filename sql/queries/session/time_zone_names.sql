-- Every time zone name that the server knows, in lower case.
-- Returns: name. Order: none.
SELECT lower(name) AS name FROM pg_timezone_names
