-- The newest run that reported each credit of which finalized invoices carry too much.
-- Returns: key, run_id. Order: key.
SELECT key, max(run_id) AS run_id
  FROM redress.finding
 WHERE code = 'overcredited'
 GROUP BY key
 ORDER BY key
