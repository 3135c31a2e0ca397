-- Ends the session that holds a transaction, and no other: behind a pooler, a session whose
-- transaction has ended serves others. Parameter: the transaction's number, from
-- pg_current_xact_id(). Returns: one row for each session that was told to end.
SELECT pg_terminate_backend(pid) AS is_told
  FROM pg_locks
 WHERE locktype = 'transactionid'
   AND transactionid = ($1::bigint & 4294967295)::text::xid
   AND mode = 'ExclusiveLock' AND granted
