-- What a run found, since when it has been found without a break, and what was decided about it until now.
--
-- The way back goes run by run, for all findings at once, and ends where none of them is left.
-- Parameter: run_id.
-- Returns: code, relation, key, problem, remedy, since_run, since_as_of, is_new (asks for somebody and did not the run
-- before), number (of the acceptance that holds as of the run; null for none), accepted_by, accepted_at, until_date, reason.
-- Order: as reported.
WITH RECURSIVE streak (code, relation, key, run_id) AS (
  SELECT DISTINCT code, relation, key, run_id
    FROM redress.finding
   WHERE run_id = $1::bigint
  UNION
  SELECT before.code, before.relation, before.key, before.run_id
    FROM streak
    JOIN redress.finding AS before
      ON before.run_id = streak.run_id - 1
     AND before.code = streak.code
     AND hashtextextended(before.key, 0) = hashtextextended(streak.key, 0)
     AND before.key = streak.key
     AND before.relation = streak.relation
), since AS (
  SELECT code, relation, key, min(run_id) AS run_id
    FROM streak
   GROUP BY code, relation, key
), asking AS (
  SELECT DISTINCT code, relation, key
    FROM redress.finding
   WHERE run_id = $1::bigint - 1
     AND acceptance IS NULL
)
SELECT found.code, found.relation, found.key, found.problem, found.remedy, since.run_id AS since_run,
       first.as_of AS since_as_of, found.acceptance IS NULL AND asking.code IS NULL AS is_new, noted.number,
       noted.noted_by AS accepted_by, noted.noted_at AS accepted_at, noted.until_date, noted.reason
  FROM redress.finding AS found
  JOIN redress.run AS made ON made.run_id = found.run_id
  JOIN since ON since.code = found.code AND since.relation = found.relation AND since.key = found.key
  LEFT JOIN redress.run AS first ON first.run_id = since.run_id
  LEFT JOIN asking ON asking.code = found.code AND asking.relation = found.relation AND asking.key = found.key
  LEFT JOIN LATERAL (
         SELECT decided.number, decided.action, decided.noted_by, decided.noted_at, decided.until_date, decided.reason
           FROM redress.finding_acceptance AS decided
          WHERE hashtextextended(decided.key, 0) = hashtextextended(found.key, 0)
            AND decided.key = found.key
            AND decided.code = found.code
            AND decided.relation = found.relation
            AND decided.problem = found.problem
          ORDER BY decided.number DESC
          LIMIT 1) AS noted
    ON noted.action = 'accept'
   AND COALESCE(noted.until_date >= (made.as_of AT TIME ZONE 'UTC')::date, true)
 WHERE found.run_id = $1::bigint
 ORDER BY found.ordinal
