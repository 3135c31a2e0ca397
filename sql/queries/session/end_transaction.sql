-- Ends the session that a transaction goes on in, and no other: behind a pooler, a session that has ended the transaction
-- serves somebody else. Parameter: the transaction's number, of pg_current_xact_id(). Returns: one row for each session
-- that was told.
SELECT pg_terminate_backend(pid) AS is_told
  FROM pg_locks
 WHERE locktype = 'transactionid'
   AND transactionid = ($1::bigint & 4294967295)::text::xid
   AND mode = 'ExclusiveLock' AND granted
