-- The first findings of each code of a run, those that nobody has accepted first. Parameters: run_id, how many of each code.
-- Returns: code, relation, key, problem, remedy, accepted_by (empty: nobody), until (empty: no end), reason.
-- Order: code, as reported.
SELECT f.code, f.relation, f.key, f.problem, f.remedy, COALESCE(noted.noted_by, '') AS accepted_by,
       COALESCE(to_char(noted.until_date, 'YYYY-MM-DD'), '') AS until, COALESCE(noted.reason, '') AS reason
  FROM (SELECT code, relation, key, problem, remedy, acceptance, ordinal,
               row_number() OVER (PARTITION BY code ORDER BY acceptance IS NOT NULL, ordinal) AS place
          FROM redress.finding
         WHERE run_id = $1) AS f
  LEFT JOIN redress.finding_acceptance AS noted ON noted.number = f.acceptance
 WHERE f.place <= $2::integer
 ORDER BY f.code, f.ordinal
