-- What makes one snapshot of several nodes possible. `redress migrate --distributed` makes it on every node of a database with
-- the extension citus; a database on one server has no use for it.
--
-- A transaction that has written on several nodes is noted in pg_dist_transaction of the node that its session is on before
-- any node prepares it, and keeps that lock until the last one has committed. So while the lock is held everywhere, each of
-- them has ended on all of its nodes or on none. Transactions on one node alone go on.
--
-- Nobody but the owner may call it until the operator has granted it, because it keeps others waiting.
CREATE OR REPLACE FUNCTION redress.hold_commits() RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  LOCK TABLE pg_catalog.pg_dist_transaction IN EXCLUSIVE MODE;
END
$$;
COMMENT ON FUNCTION redress.hold_commits() IS
  'Lets no transaction that has written on several nodes commit, of those that begin on this node, until the caller''s transaction ends.';
REVOKE ALL ON FUNCTION redress.hold_commits() FROM PUBLIC;
