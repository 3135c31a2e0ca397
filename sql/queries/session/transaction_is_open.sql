-- Whether a transaction goes on. While its COMMIT is under way, its rows are neither visible nor
-- gone. It releases the lock on its own number only after its rows are visible. Ask in READ
-- COMMITTED, and look for the rows afterwards. Parameter: its number, from pg_current_xact_id().
-- Returns: one row, is_open boolean, is_standby boolean. A standby does not know the transactions
-- of its primary.
SELECT EXISTS (
         SELECT 1 FROM pg_locks
          WHERE locktype = 'transactionid'
            AND transactionid = ($1::bigint & 4294967295)::text::xid
            AND mode = 'ExclusiveLock' AND granted
          LIMIT 1) AS is_open,
       pg_is_in_recovery() AS is_standby
