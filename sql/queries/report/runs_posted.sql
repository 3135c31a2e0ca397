-- The runs that were posted in a month.
-- Parameter: the month's first day.
-- Returns: run_id.
-- Order: run_id.
SELECT run_id
  FROM redress.run
 WHERE posted_on >= $1::date
   AND posted_on < $1::date + interval '1 month'
 ORDER BY run_id
