-- Runs that saw more decisions about findings than there are. Returns: run_id, seen, found. Order: run_id.
SELECT run.run_id, run.acceptances::bigint AS seen, there.found
  FROM redress.run
 CROSS JOIN (SELECT count(*) AS found FROM redress.finding_acceptance) AS there
 WHERE run.acceptances > there.found
 ORDER BY run.run_id
