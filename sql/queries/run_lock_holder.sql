-- Whether a session still holds the run lock: what it has sent to be committed is then neither there nor gone.
-- Parameter: its process on the server. Returns: one row, is_held boolean.
SELECT EXISTS (
  SELECT FROM pg_locks
   WHERE locktype = 'advisory'
     AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
     AND (classid, objid, objsubid) = (1380209235, 1, 2)
     AND pid = $1) AS is_held
