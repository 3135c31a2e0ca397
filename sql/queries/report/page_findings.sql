-- The first findings of each code of a run. Parameters: run_id, how many of each code.
-- Returns: code, relation, key, problem, remedy. Order: code, as reported.
SELECT f.code, f.relation, f.key, f.problem, f.remedy
  FROM (SELECT code, relation, key, problem, remedy, ordinal,
               row_number() OVER (PARTITION BY code ORDER BY ordinal) AS place
          FROM redress.finding
         WHERE run_id = $1) AS f
 WHERE f.place <= $2::integer
 ORDER BY f.code, f.ordinal
