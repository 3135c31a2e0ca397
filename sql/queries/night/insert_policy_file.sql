-- Stores a policy file that a run has read, once for each content. Parameters: digest, content.
INSERT INTO redress.policy_file (digest, content)
VALUES ($1, $2)
ON CONFLICT ON CONSTRAINT policy_file_pkey DO NOTHING
