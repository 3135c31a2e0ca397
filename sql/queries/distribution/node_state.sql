-- Which node this is, and what has ended on it. Only with the extension citus.
-- Returns: node_group, unfinished (transactions of this database that the node has prepared, and neither committed nor
-- rolled back), ended (a text that changes with each transaction that has written and ends).
SELECT pg_dist_local_group.groupid AS node_group,
       (SELECT count(*)
          FROM pg_catalog.pg_prepared_xacts
         WHERE pg_prepared_xacts.database = current_database() AND pg_prepared_xacts.gid LIKE 'citus\_%') AS unfinished,
       pg_current_snapshot()::text AS ended
  FROM pg_catalog.pg_dist_local_group
