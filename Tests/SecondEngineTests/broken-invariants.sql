-- What must hold on invoices after every night (section 8 of the rules), a sentence for each that does not: a voided
-- invoice carries nothing, a draft no more than its amount due, drafts nothing that nobody is entitled to, and no credit
-- stays open beside a draft that has room for it, nor while invoices carry too much of it in another month.
WITH invoice AS (
  SELECT
    i.invoice_id, i.customer_id, i.currency, i.status,
    greatest(floor(i.amount_due * (10::numeric ^ c.digits)), 0) AS due_minor,
    coalesce(
      (SELECT -sum(a.amount_minor) FROM redress.invoice_adjustment AS a WHERE a.invoice_id = i.invoice_id), 0
    ) AS carried_minor
  FROM redress_source.invoice AS i
  JOIN second_currency AS c ON c.code = i.currency
  WHERE isfinite(i.issue_on)
    AND i.customer_id IN (SELECT n.customer_id FROM redress_source.customer AS n)
)
SELECT format('void invoice %s carries %s', i.invoice_id, i.carried_minor) AS sentence
FROM invoice AS i
WHERE i.status = 'void' AND i.carried_minor <> 0
UNION ALL
SELECT format('draft %s carries %s of %s', i.invoice_id, i.carried_minor, i.due_minor)
FROM invoice AS i
WHERE i.status = 'draft' AND i.carried_minor > i.due_minor
UNION ALL
SELECT format('draft %s carries a credit of %s / %s beyond its amount', i.invoice_id, e.subscription_id, e.incident_id)
FROM redress.entitlement AS e
JOIN redress.invoice_adjustment AS a USING (customer_id, subscription_id, incident_id, billing_month, currency)
JOIN invoice AS i ON i.invoice_id = a.invoice_id
WHERE e.open_minor < 0 AND i.status = 'draft'
GROUP BY i.invoice_id, e.subscription_id, e.incident_id, e.billing_month
HAVING sum(a.amount_minor) < 0
UNION ALL
SELECT format('%s / %s is open beside draft %s', e.subscription_id, e.incident_id, i.invoice_id)
FROM redress.entitlement AS e
JOIN invoice AS i ON i.customer_id = e.customer_id AND i.currency = e.currency
WHERE e.open_minor > 0 AND i.status = 'draft' AND i.carried_minor < i.due_minor
UNION ALL
SELECT
  format(
    '%s / %s is open in %s and too much in %s',
    e.subscription_id, e.incident_id, e.billing_month, o.billing_month)
FROM redress.entitlement AS e
JOIN redress.entitlement AS o USING (customer_id, subscription_id, incident_id, currency)
WHERE e.open_minor > 0 AND o.open_minor < 0
UNION ALL
SELECT format('%s / %s is entitled to less than nothing', e.subscription_id, e.incident_id)
FROM redress.entitlement AS e
WHERE e.amount_minor < 0
ORDER BY 1;
