-- What a run set off, or what of a billing month's credits is set off: what credits gave back on the pseudo invoice, and what
-- others took there. Of each credit the net over its months, so that a set-off that only moved with its credit is none. Of a
-- run what is new, and what was given back before it and is not any more.
-- Parameters: run_id or null, the month's first day or null, and for a month as it was: the run or null, the time or null.
-- Returns: currency, given_rows, given_minor (as text), taken_rows, taken_minor (as text), undone_rows, undone_minor (as text,
-- all positive). Order: currency.
SELECT n.currency, count(*) FILTER (WHERE n.given > 0) AS given_rows,
       coalesce(sum(n.given) FILTER (WHERE n.given > 0), 0)::text AS given_minor,
       count(*) FILTER (WHERE n.taken > 0) AS taken_rows,
       coalesce(sum(n.taken) FILTER (WHERE n.taken > 0), 0)::text AS taken_minor,
       count(*) FILTER (WHERE n.given < 0) AS undone_rows,
       coalesce(-sum(n.given) FILTER (WHERE n.given < 0), 0)::text AS undone_minor
  FROM (SELECT c.currency, greatest(c.net, 0) - greatest(c.net_before, 0) AS given,
               greatest(-c.net, 0) - greatest(-c.net_before, 0) AS taken
          FROM (SELECT a.currency, sum(a.amount_minor) AS net,
                       coalesce(sum(a.amount_minor) FILTER (WHERE a.run_id < $1::bigint), 0) AS net_before
                  FROM redress.invoice_adjustment AS a
                 WHERE a.invoice_id = 'set-off'
                   AND ($1::bigint IS NULL OR a.run_id <= $1::bigint)
                   AND ($2::date IS NULL OR a.billing_month = $2::date)
                   AND ($3::bigint IS NULL OR a.run_id <= $3::bigint OR a.placed_at <= $4::timestamptz)
                 GROUP BY a.customer_id, a.subscription_id, a.incident_id, a.currency) AS c) AS n
 WHERE n.given <> 0 OR n.taken <> 0
 GROUP BY n.currency
 ORDER BY n.currency
