-- The other nodes of a distributed database, as this one reaches them. Only with the extension citus.
-- Returns: node_group, host, port. Order: node_group, the same for everybody, so that nobody waits for each other.
SELECT pg_dist_node.groupid AS node_group, pg_dist_node.nodename AS host, pg_dist_node.nodeport AS port
  FROM pg_catalog.pg_dist_node
 CROSS JOIN pg_catalog.pg_dist_local_group
 WHERE pg_dist_node.groupid <> pg_dist_local_group.groupid
   AND pg_dist_node.noderole::text = 'primary'
   AND pg_dist_node.isactive
 ORDER BY pg_dist_node.groupid
