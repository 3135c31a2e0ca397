-- Whether the current user may hold commits, and what has to be read meanwhile. Only with the extension citus.
-- Returns: node_group (of this node), is_made (whether the function is there), is_granted, has_bare_nodes (whether a node has
-- a part of some distributed table and none of the ledger).
SELECT pg_dist_local_group.groupid AS node_group,
       hold.oid IS NOT NULL AS is_made,
       coalesce(pg_catalog.has_schema_privilege(hold.pronamespace, 'USAGE')
                AND pg_catalog.has_function_privilege(hold.oid, 'EXECUTE'), false) AS is_granted,
       bare.nodes > 0 AS has_bare_nodes
  FROM pg_catalog.pg_dist_local_group
  LEFT JOIN (SELECT pg_proc.oid, pg_proc.pronamespace
               FROM pg_catalog.pg_proc
               JOIN pg_catalog.pg_namespace ON pg_namespace.oid = pg_proc.pronamespace
              WHERE pg_namespace.nspname = 'redress' AND pg_proc.proname = 'hold_commits' AND pg_proc.pronargs = 0) AS hold
    ON true
 CROSS JOIN (SELECT count(*) AS nodes
               FROM (SELECT pg_dist_placement.groupid
                       FROM pg_catalog.pg_dist_placement
                       JOIN pg_catalog.pg_dist_shard ON pg_dist_shard.shardid = pg_dist_placement.shardid
                       JOIN pg_catalog.pg_dist_partition ON pg_dist_partition.logicalrelid = pg_dist_shard.logicalrelid
                      -- Not those that are whole on every node: they are read here.
                      WHERE pg_dist_partition.repmodel <> 't'
                        AND pg_dist_placement.groupid <> (SELECT pg_dist_local_group.groupid FROM pg_catalog.pg_dist_local_group)
                      GROUP BY pg_dist_placement.groupid
                     HAVING NOT bool_or(
                       pg_dist_shard.logicalrelid
                         IS NOT DISTINCT FROM pg_catalog.to_regclass('redress.credit_revision')::oid)) AS node) AS bare
