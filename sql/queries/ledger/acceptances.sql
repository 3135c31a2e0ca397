-- What people have decided about findings: of each finding, as it was told, the newest decision.
-- Returns: number, is_accepted, code, relation, key, problem, reason, until_date, noted_by. Order: number.
SELECT noted.number, noted.action = 'accept' AS is_accepted, noted.code, noted.relation, noted.key, noted.problem,
       noted.reason, noted.until_date, noted.noted_by
  FROM redress.finding_acceptance AS noted
  JOIN (SELECT max(number) AS number
          FROM redress.finding_acceptance
         GROUP BY code, relation, key, problem) AS newest
    ON newest.number = noted.number
 ORDER BY noted.number
