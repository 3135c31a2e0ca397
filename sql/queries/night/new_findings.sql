-- The findings of a run that ask for somebody and did not the run before, because it had none with this code, relation and
-- key, or they were accepted. Parameter: run_id. Returns: code, findings. Order: code.
SELECT f.code, count(*) AS findings
  FROM redress.finding AS f
 WHERE f.run_id = $1::bigint
   AND f.acceptance IS NULL
   AND NOT EXISTS (
         SELECT 1
           FROM redress.finding AS before
          WHERE before.run_id = $1::bigint - 1
            AND before.code = f.code
            AND hashtextextended(before.key, 0) = hashtextextended(f.key, 0)
            AND before.key = f.key
            AND before.relation = f.relation
            AND before.acceptance IS NULL
          LIMIT 1)
 GROUP BY f.code
 ORDER BY f.code
