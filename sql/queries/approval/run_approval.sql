-- Who let a run through past the limits of its policy. Parameter: run_id.
-- Returns: kind, proposal, approved_by, database_user, reason; no row where nobody did.
SELECT kind, proposal, approved_by, database_user, reason
  FROM redress.approval
 WHERE run_id = $1
