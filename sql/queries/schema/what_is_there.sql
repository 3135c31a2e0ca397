-- Which of the streams have any row. A stream without rows needs no connection.
-- Returns: one row of booleans.
SELECT EXISTS (SELECT 1 FROM redress_source.customer LIMIT 1) AS customers,
       EXISTS (SELECT 1 FROM redress_source.subscription_term LIMIT 1) AS terms,
       EXISTS (SELECT 1 FROM redress_source.outage WHERE customer_id IS NOT NULL LIMIT 1) AS outages,
       EXISTS (SELECT 1 FROM redress_source.exclusion WHERE customer_id IS NOT NULL LIMIT 1) AS exclusions,
       EXISTS (SELECT 1 FROM redress_source.invoice WHERE status COLLATE "C" IS DISTINCT FROM 'finalized' LIMIT 1)
         AS invoices,
       EXISTS (SELECT 1 FROM redress.credit_revision LIMIT 1) AS credits,
       EXISTS (SELECT 1 FROM redress.invoice_line LIMIT 1) AS lines
