-- Parameter: the first day of a billing month. Returns: run_id of the newest run that reconciled
-- it; null if none has.
SELECT max(run_id) AS run_id
  FROM redress.run
 WHERE month_from <= $1
   AND month_through >= $1
