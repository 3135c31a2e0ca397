-- Whether a transaction goes on: what it has sent to be committed is then neither there nor gone. Its lock on its own
-- number is given up after what it wrote can be seen. Ask in READ COMMITTED, and look for what it wrote afterwards.
-- Parameter: its number, of pg_current_xact_id(). Returns: one row, is_open boolean, is_standby boolean. A standby knows
-- nothing of transactions that go on.
SELECT EXISTS (
         SELECT 1 FROM pg_locks
          WHERE locktype = 'transactionid'
            AND transactionid = ($1::bigint & 4294967295)::text::xid
            AND mode = 'ExclusiveLock' AND granted
          LIMIT 1) AS is_open,
       pg_is_in_recovery() AS is_standby
