-- What a run found, and who had accepted it: what is empty was not accepted, or has no end.
-- Parameter: run_id.
-- Returns: code, relation, key, problem, remedy, accepted_by, until, reason. Order: as reported.
SELECT found.code, found.relation, found.key, found.problem, found.remedy, COALESCE(noted.noted_by, '') AS accepted_by,
       COALESCE(to_char(noted.until_date, 'YYYY-MM-DD'), '') AS until, COALESCE(noted.reason, '') AS reason
  FROM redress.finding AS found
  LEFT JOIN redress.finding_acceptance AS noted ON noted.number = found.acceptance
 WHERE found.run_id = $1::bigint
 ORDER BY found.ordinal
