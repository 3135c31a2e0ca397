-- Removes staged frozen source rows. Parameter: the parts, or null for those of all runs.
DELETE FROM redress.staged_evidence AS s
 WHERE $1::text[] IS NULL OR s.part = ANY ($1::text[]::xid8[])
