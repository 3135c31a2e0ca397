-- Removes staged rows of carried_forward. Parameter: the parts, or null for those of all runs.
DELETE FROM redress.staged_carried_forward AS s
 WHERE $1::text[] IS NULL OR s.part = ANY ($1::text[]::xid8[])
