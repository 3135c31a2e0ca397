-- Adopts a policy file. The server says who does and when.
-- Parameters: number, policy_digest, after_run, restate_from; null where nothing is restated, note, digest.
INSERT INTO redress.policy_adoption (number, policy_digest, after_run, restate_from, note, digest)
VALUES ($1, $2, $3, $4, $5, $6)
