-- Moves what the parts of a run carry forward into the ledger. Parameter: the parts.
INSERT INTO redress.carried_forward (customer_id, subscription_id, incident_id, billing_month, currency, run_id)
SELECT f.customer_id, f.subscription_id, f.incident_id, f.billing_month, f.currency, f.run_id
  FROM redress.staged_carried_forward AS f
 WHERE f.part = ANY ($1::text[]::xid8[])
