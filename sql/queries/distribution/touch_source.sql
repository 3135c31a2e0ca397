-- Makes every node that has a part of the source take its snapshot.
-- Returns: one row of booleans that are not looked at.
SELECT EXISTS (SELECT 1 FROM redress_source.customer LIMIT 1) AS customers,
       EXISTS (SELECT 1 FROM redress_source.subscription_term LIMIT 1) AS terms,
       EXISTS (SELECT 1 FROM redress_source.outage LIMIT 1) AS outages,
       EXISTS (SELECT 1 FROM redress_source.exclusion LIMIT 1) AS exclusions,
       EXISTS (SELECT 1 FROM redress_source.invoice LIMIT 1) AS invoices,
       EXISTS (SELECT 1 FROM redress_source.service LIMIT 1) AS services,
       EXISTS (SELECT 1 FROM redress_source.incident LIMIT 1) AS incidents,
       EXISTS (SELECT 1 FROM redress_source.incident_event LIMIT 1) AS events,
       EXISTS (SELECT 1 FROM redress_source.post_mortem LIMIT 1) AS post_mortems,
       EXISTS (SELECT 1 FROM redress_source.action_item LIMIT 1) AS action_items
