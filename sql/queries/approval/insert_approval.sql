-- Records who let a run through, in the run's own transaction. Who it was and when take their defaults.
-- Parameters: run_id, kind, proposal, approved_by, reason.
INSERT INTO redress.approval (run_id, kind, proposal, approved_by, reason, row_digest)
VALUES
  ($1, $2, $3, $4, $5, redress.approval_digest($1, $2, $3, $4, $5, now(), session_user))
