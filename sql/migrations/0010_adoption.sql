-- Which policy holds is decided here, by whoever may adopt one, and not by the command line of a run.

CREATE TABLE redress.policy_adoption (
  number bigint NOT NULL,
  policy_digest bytea NOT NULL,
  after_run bigint NOT NULL,
  restate_from date,
  note text NOT NULL,
  adopted_at timestamptz NOT NULL DEFAULT now(),
  adopted_by text NOT NULL DEFAULT session_user,
  digest bytea NOT NULL,
  CONSTRAINT policy_adoption_pkey PRIMARY KEY (number),
  CONSTRAINT policy_adoption_numbered_from_1 CHECK (number >= 1 AND after_run >= 0),
  CONSTRAINT policy_adoption_has_note CHECK (note <> ''),
  -- Infinity has no day, and null would pass.
  CONSTRAINT policy_adoption_restates_from_first CHECK (
    restate_from IS NULL OR (date_part('day', restate_from) = 1 AND restate_from < '10000-01-01') IS TRUE),
  CONSTRAINT policy_adoption_digests_are_sha256 CHECK (
    octet_length(policy_digest) = 32 AND octet_length(digest) = 32)
);
COMMENT ON TABLE redress.policy_adoption IS 'Every policy file that was adopted. The one with the highest number is in force; without any it is the built-in policy.';
COMMENT ON COLUMN redress.policy_adoption.number IS 'Counts the adoptions from 1, without gaps.';
COMMENT ON COLUMN redress.policy_adoption.policy_digest IS 'SHA-256 of the file; its content is in policy_file.';
COMMENT ON COLUMN redress.policy_adoption.after_run IS 'The newest run at that time, 0 before the first. Every later run used this policy, up to the next adoption.';
COMMENT ON COLUMN redress.policy_adoption.restate_from IS 'First day of the month from which months that were recorded already may be decided anew under this policy; null if none may.';
COMMENT ON COLUMN redress.policy_adoption.note IS 'Why, in the words of whoever adopted it.';
COMMENT ON COLUMN redress.policy_adoption.adopted_at IS 'When the adoption''s transaction began.';
COMMENT ON COLUMN redress.policy_adoption.adopted_by IS 'The database user who adopted it.';
COMMENT ON COLUMN redress.policy_adoption.digest IS 'SHA-256 of the row, the ledger''s id and the digest of the adoption before, so that they make a chain; `redress verify` knows how.';

REVOKE ALL ON TABLE redress.policy_adoption FROM PUBLIC;
GRANT SELECT ON TABLE redress.policy_adoption
TO redress_job, redress_invoicing, redress_reader, redress_controller;
-- Who and when are the server's to say, so these two columns cannot be given.
GRANT INSERT (number, policy_digest, after_run, restate_from, note, digest) ON TABLE redress.policy_adoption
TO redress_controller;
GRANT INSERT ON TABLE redress.policy_file TO redress_controller;
-- An adoption and a run keep each other out.
GRANT EXECUTE ON FUNCTION redress.try_run_lock() TO redress_controller;
