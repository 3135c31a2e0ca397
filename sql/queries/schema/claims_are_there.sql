-- Whether the optional relation of claims, which must exist, has any row.
-- Returns: one row with one boolean.
SELECT EXISTS (SELECT 1 FROM redress_source.claim LIMIT 1) AS claims
