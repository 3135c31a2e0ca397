-- Every credit that a run carried forward, with the columns of `copy_carried` in the same order, so
-- that the bytes are the same. Parameter: the run after which to begin.
-- Returns: customer_id, subscription_id, incident_id, billing_month, currency, run_id. Order: run_id, then the key.
SELECT customer_id, subscription_id, incident_id, billing_month, currency, run_id
  FROM redress.carried_forward
 WHERE run_id > $1::bigint
 ORDER BY run_id, customer_id, subscription_id, incident_id, billing_month, currency
