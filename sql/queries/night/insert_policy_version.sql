-- Freezes a policy version that a run has used. A version that is already frozen is not changed.
-- Parameters: version, digest, content, effective_from as text, time_zone, run_id.
INSERT INTO redress.policy_version (version, digest, content, effective_from, time_zone, first_run_id)
VALUES ($1, $2, $3, $4::text::date, $5, $6)
ON CONFLICT ON CONSTRAINT policy_version_pkey DO NOTHING
