-- The invoices by status and currency.
-- Returns: status, currency, invoices, amount_due (the exact sum of those that are numbers, as text), first_day and
-- last_day of issue (as text).
-- Order: invoices, the most first, then status and currency, byte order.
SELECT i.status COLLATE "C" AS status, i.currency COLLATE "C" AS currency, count(*) AS invoices,
       trim_scale(coalesce(sum(i.amount_due) FILTER (
         WHERE i.amount_due::text COLLATE "C" NOT IN ('NaN', 'Infinity', '-Infinity')), 0))::text AS amount_due,
       min(i.issue_on)::text AS first_day, max(i.issue_on)::text AS last_day
  FROM redress_source.invoice AS i
 GROUP BY i.status COLLATE "C", i.currency COLLATE "C"
 ORDER BY invoices DESC, i.status COLLATE "C", i.currency COLLATE "C"
