-- Removes staged decisions. Parameter: the parts, or null for those of all runs.
DELETE FROM redress.staged_decision AS s
 WHERE $1::text[] IS NULL OR s.part = ANY ($1::text[]::xid8[])
