-- Lets no transaction on several nodes commit until this one ends, of those that begin on this node. Waits, bounded by
-- lock_timeout, for those whose commit has begun. Only with the extension citus.
SELECT redress.hold_commits()
