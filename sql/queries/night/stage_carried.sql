-- Takes the credits that a part of a run carries forward, in key order. The encoder writes the columns in this
-- order.
COPY redress.staged_carried_forward (customer_id, subscription_id, incident_id, billing_month, currency, run_id)
FROM STDIN (FORMAT binary)
