-- The amounts in the ledger up to a run, added up by PostgreSQL: of that run, of the run before it,
-- and of all earlier runs.
-- Parameter: run_id. Returns: runs_ago (0, 1, or 2 for all earlier ones), currency, kind, rows, amount_minor.
-- Order: runs_ago, currency, kind.
SELECT least($1::bigint - run_id, 2)::integer AS runs_ago, currency, kind, count(*) AS rows,
       sum(amount_minor)::bigint AS amount_minor
  FROM redress.credit
 WHERE run_id <= $1::bigint
 GROUP BY least($1::bigint - run_id, 2)::integer, currency, kind
 ORDER BY least($1::bigint - run_id, 2)::integer, currency, kind
