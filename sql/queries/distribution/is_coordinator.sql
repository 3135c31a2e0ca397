-- Whether this node is the coordinator. Only with the extension citus. Returns: is_coordinator.
SELECT pg_dist_local_group.groupid = 0 AS is_coordinator
FROM pg_catalog.pg_dist_local_group
