-- Ends another session of the same role. Parameter: its process on the server. Returns: one row, is_told boolean.
SELECT pg_terminate_backend($1) AS is_told
