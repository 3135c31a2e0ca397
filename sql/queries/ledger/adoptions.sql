-- Every policy file that was adopted. Returns: number, policy_digest, after_run, restate_from (null where nothing is
-- restated), note, adopted_at, adopted_by, digest, the ledger's id. Order: number.
SELECT a.number, a.policy_digest, a.after_run, a.restate_from, a.note, a.adopted_at, a.adopted_by, a.digest,
       coalesce((SELECT ledger_id::text FROM redress.ledger), '') AS ledger_id
  FROM redress.policy_adoption AS a
 ORDER BY a.number
