-- The findings of a run, compared with the run before. A finding is the same if code, relation and
-- key are the same. New is what asks for somebody and did not the run before.
-- Parameter: run_id. Returns: code, findings, accepted, before, new, gone. Order: code.
SELECT k.code, sum(k.findings)::bigint AS findings, sum(k.findings - k.open)::bigint AS accepted,
       sum(k.before)::bigint AS before, COALESCE(sum(k.open) FILTER (WHERE k.open_before = 0), 0)::bigint AS new,
       count(*) FILTER (WHERE k.findings = 0) AS gone
  FROM (SELECT code, relation, key, count(*) FILTER (WHERE run_id = $1::bigint) AS findings,
               count(*) FILTER (WHERE run_id = $1::bigint AND acceptance IS NULL) AS open,
               count(*) FILTER (WHERE run_id < $1::bigint) AS before,
               count(*) FILTER (WHERE run_id < $1::bigint AND acceptance IS NULL) AS open_before
          FROM redress.finding
         WHERE run_id BETWEEN $1::bigint - 1 AND $1::bigint
         GROUP BY code, relation, key) AS k
 GROUP BY k.code
 ORDER BY k.code
