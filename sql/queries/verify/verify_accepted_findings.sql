-- Findings that are told as accepted and were not, or the other way round: by the newest decision that the run saw about
-- this finding, and as of the run's day.
-- Returns: run_id, ordinal, found (0: not accepted), expected (0: not accepted). Order: run_id, ordinal.
SELECT told.run_id, told.ordinal, told.found, told.expected
  FROM (SELECT f.run_id, f.ordinal, COALESCE(f.acceptance, 0) AS found,
               CASE WHEN newest.action = 'accept'
                         AND COALESCE(newest.until_date >= (run.as_of AT TIME ZONE 'UTC')::date, true)
                    THEN newest.number ELSE 0 END AS expected
          FROM redress.finding AS f
          LEFT JOIN redress.run ON run.run_id = f.run_id
          LEFT JOIN LATERAL (
                 SELECT noted.number, noted.action, noted.until_date
                   FROM redress.finding_acceptance AS noted
                  WHERE hashtextextended(noted.key, 0) = hashtextextended(f.key, 0)
                    AND noted.key = f.key
                    AND noted.code = f.code
                    AND noted.relation = f.relation
                    AND noted.problem = f.problem
                    AND noted.number <= run.acceptances
                  ORDER BY noted.number DESC
                  LIMIT 1) AS newest ON true) AS told
 WHERE told.found <> told.expected
 ORDER BY told.run_id, told.ordinal
