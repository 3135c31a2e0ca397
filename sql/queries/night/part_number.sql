-- The number of the transaction in which a part of a run writes. The rows that it stages have it.
-- Returns: part.
SELECT pg_current_xact_id()::text AS part
