-- How many prepared transactions of all databases of each node wait for their end since more than a minute.
-- Only with the extension citus.
-- Returns: transactions; of a node that does not answer null. Order: none.
SELECT CASE WHEN node.success AND node.result ~ '^[0-9]+$' THEN node.result::bigint END AS transactions
  FROM pg_catalog.run_command_on_all_nodes(
         $$SELECT count(*) FROM pg_catalog.pg_prepared_xacts WHERE prepared < now() - interval '1 minute'$$) AS node
