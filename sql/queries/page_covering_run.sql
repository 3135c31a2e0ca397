-- The newest run whose window holds a billing month. Parameter: the month's first day. Returns: run_id; 0 where none is.
SELECT coalesce(max(run_id), 0) AS run_id
  FROM redress.run
 WHERE $1::date BETWEEN month_from AND month_through
