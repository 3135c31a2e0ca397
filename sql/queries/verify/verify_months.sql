-- The months in which the ledger has rows, whatever recorded_month says.
-- Returns: billing_month. Order: billing_month.
SELECT billing_month FROM redress.credit_revision
 UNION
SELECT billing_month FROM redress.invoice_line
 ORDER BY billing_month
