-- Every credit that a run carried forward, with the columns of `copy_carried` in the same order, so
-- that the bytes are the same.
-- Returns: customer_id, subscription_id, incident_id, currency, run_id. Order: run_id, then the key.
SELECT customer_id, subscription_id, incident_id, currency, run_id
  FROM redress.carried_forward
 ORDER BY run_id, customer_id, subscription_id, incident_id, currency
