-- Drafts that carry credits of ours, where the source does not say what of ours it has taken off already.
-- Parameter: how many examples.
-- Returns: sign, total (drafts and currencies), then six cells of an example: customer_id, invoice_id, amount_due,
-- currency, what the ledger has placed on it (major units, positive); the last is null.
-- Order: customer_id, invoice_id, currency, byte order.
WITH placed AS MATERIALIZED (
  SELECT a.customer_id COLLATE "C" AS customer_id, a.invoice_id COLLATE "C" AS invoice_id, a.currency COLLATE "C" AS currency,
         -sum(a.amount_minor) AS placed_minor
    FROM redress.invoice_adjustment AS a
   GROUP BY a.customer_id COLLATE "C", a.invoice_id COLLATE "C", a.currency COLLATE "C"
), drafts AS MATERIALIZED (
  SELECT i.customer_id COLLATE "C" AS customer_id, i.invoice_id COLLATE "C" AS invoice_id,
         i.currency COLLATE "C" AS currency, i.amount_due
    FROM redress_source.invoice AS i
   WHERE i.status COLLATE "C" = 'draft' AND NOT jsonb_exists(to_jsonb(i), 'applied_credit')
)
SELECT 'placed_draft' AS sign, count(*) OVER () AS total, d.customer_id, d.invoice_id,
       trim_scale(d.amount_due)::text AS amount_due, d.currency,
       redress.major_units(p.placed_minor::bigint, p.currency)::text AS placed, NULL::text AS sixth
  FROM drafts AS d
  JOIN placed AS p
    ON p.customer_id COLLATE "C" = d.customer_id COLLATE "C" AND p.invoice_id COLLATE "C" = d.invoice_id COLLATE "C"
   AND p.currency COLLATE "C" = d.currency COLLATE "C"
 WHERE p.placed_minor > 0
 ORDER BY d.customer_id COLLATE "C", d.invoice_id COLLATE "C", d.currency COLLATE "C"
 LIMIT $1::bigint
