-- Which of the streams have any row. A stream without rows needs no connection.
-- Returns: one row of booleans.
SELECT EXISTS (SELECT FROM redress_source.customer) AS customers,
       EXISTS (SELECT FROM redress_source.subscription_term) AS terms,
       EXISTS (SELECT FROM redress_source.outage WHERE customer_id IS NOT NULL) AS outages,
       EXISTS (SELECT FROM redress_source.exclusion WHERE customer_id IS NOT NULL) AS exclusions,
       EXISTS (SELECT FROM redress_source.invoice WHERE status COLLATE "C" IS DISTINCT FROM 'finalized') AS invoices,
       EXISTS (SELECT FROM redress.credit) AS credits,
       EXISTS (SELECT FROM redress.invoice_adjustment) AS lines
