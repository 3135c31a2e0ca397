-- What a run set off, or what of a billing month's credits is set off: what credits gave back on the pseudo invoice, and what
-- others took there. Of each credit the net over its months, so that a set-off that only moved with its credit is none.
-- Parameters: run_id or null, the month's first day or null, and for a month as it was: the run or null, the time or null.
-- Returns: currency, given_rows, given_minor (as text), taken_rows, taken_minor (as text; both positive).
-- Order: currency.
SELECT n.currency, count(*) FILTER (WHERE n.net > 0) AS given_rows,
       coalesce(sum(n.net) FILTER (WHERE n.net > 0), 0)::text AS given_minor,
       count(*) FILTER (WHERE n.net < 0) AS taken_rows,
       coalesce(-sum(n.net) FILTER (WHERE n.net < 0), 0)::text AS taken_minor
  FROM (SELECT a.currency, sum(a.amount_minor) AS net
          FROM redress.invoice_adjustment AS a
         WHERE a.invoice_id = 'set-off'
           AND ($1::bigint IS NULL OR a.run_id = $1::bigint)
           AND ($2::date IS NULL OR a.billing_month = $2::date)
           AND ($3::bigint IS NULL OR a.run_id <= $3::bigint OR a.placed_at <= $4::timestamptz)
         GROUP BY a.customer_id, a.subscription_id, a.incident_id, a.currency) AS n
 WHERE n.net <> 0
 GROUP BY n.currency
 ORDER BY n.currency
