-- Keeps what is recorded before the program runs: what the night must leave alone is found here again.
DROP TABLE IF EXISTS second_before;
CREATE TEMPORARY TABLE second_before AS
SELECT
  e.customer_id, e.subscription_id, e.incident_id, e.currency, e.amount_minor, e.billing_month
FROM redress.entitlement AS e;
