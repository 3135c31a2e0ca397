-- The relations that this session reads and that were rewritten or replaced after its snapshot was
-- taken, by TRUNCATE, ALTER TABLE, REFRESH MATERIALIZED VIEW or a swap of names. Their rows are not
-- those of the snapshot, and mostly they are missing. The session holds a lock on each relation
-- that it reads, so a relation that is not rewritten now stays so until the session ends.
--
-- pg_class is read in the snapshot; the functions tell the present state. Returns: relation text,
-- in byte order.
SELECT held.relation::regclass::text COLLATE "C" AS relation
  FROM pg_locks AS held
  LEFT JOIN pg_class AS c ON c.oid = held.relation
 WHERE held.locktype = 'relation'
   AND held.pid = pg_backend_pid()
   AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
   -- A new index reads the same rows.
   AND (c.oid IS NULL AND pg_get_indexdef(held.relation) IS NULL
        OR (c.relkind IN ('r', 'm') AND c.relfilenode <> 0 AND c.relfilenode <> pg_relation_filenode(c.oid)))
 ORDER BY 1
