-- The newest runs, each with its approval. Parameter: how many.
-- Returns: run_id, approval kind (null where there is none), proposal, approved_by, database_user, reason.
-- Order: run_id.
SELECT listed.run_id, approval.kind, approval.proposal, approval.approved_by, approval.database_user, approval.reason
  FROM (SELECT run_id FROM redress.run ORDER BY run_id DESC LIMIT $1::bigint) AS listed
  LEFT JOIN redress.approval ON approval.run_id = listed.run_id
 ORDER BY listed.run_id
