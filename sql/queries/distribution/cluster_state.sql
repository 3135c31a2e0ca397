-- What a run has to know of a distributed database. Only with the extension citus.
-- Returns: version, is_coordinator, max_connections, shards (of redress.credit_revision), shards_of_a_node (the most on one node).
SELECT pg_extension.extversion AS version,
       pg_dist_local_group.groupid = 0 AS is_coordinator,
       current_setting('max_connections')::integer AS max_connections,
       coalesce(placed.shards, 0)::bigint AS shards,
       coalesce(placed.shards_of_a_node, 0)::bigint AS shards_of_a_node
  FROM pg_catalog.pg_extension
 CROSS JOIN pg_catalog.pg_dist_local_group
 CROSS JOIN (SELECT sum(node.shards) AS shards, max(node.shards) AS shards_of_a_node
               FROM (SELECT count(*) AS shards
                       FROM pg_catalog.pg_dist_shard
                       JOIN pg_catalog.pg_dist_placement ON pg_dist_placement.shardid = pg_dist_shard.shardid
                      WHERE pg_dist_shard.logicalrelid = pg_catalog.to_regclass('redress.credit_revision')
                      GROUP BY pg_dist_placement.groupid) AS node) AS placed
 WHERE pg_extension.extname = 'citus'
