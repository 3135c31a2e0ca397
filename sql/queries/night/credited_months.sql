-- The months that have credits. Returns: billing_month. Order: billing_month.
SELECT billing_month
  FROM redress.credited_month
 ORDER BY billing_month
