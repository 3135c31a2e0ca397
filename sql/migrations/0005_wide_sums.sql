-- Sums over many credits need not fit where each of them does: a hundred of the largest fees are beyond bigint, and then
-- the whole view failed for everybody.

DROP VIEW redress.open_credit;
CREATE VIEW redress.open_credit AS
SELECT
  entitlement.customer_id,
  entitlement.currency,
  sum(entitlement.open_minor::numeric) AS open_minor,
  sum(redress.major_units(entitlement.open_minor, entitlement.currency)) AS amount,
  count(*) AS credits
FROM redress.entitlement
WHERE entitlement.open_minor > 0
GROUP BY entitlement.customer_id, entitlement.currency;
COMMENT ON VIEW redress.open_credit IS 'What the next invoice will get, by customer and currency, if it is large enough.';
COMMENT ON COLUMN redress.open_credit.customer_id IS 'The customer.';
COMMENT ON COLUMN redress.open_credit.currency IS 'ISO 4217 code; an invoice takes credits of its own currency only.';
COMMENT ON COLUMN redress.open_credit.open_minor IS 'Sum of what is open of each credit, in minor units; more than 0.';
COMMENT ON COLUMN redress.open_credit.amount IS 'The same in major units, with the currency''s decimals.';
COMMENT ON COLUMN redress.open_credit.credits IS 'How many credits are open.';

REVOKE ALL ON TABLE redress.open_credit FROM PUBLIC;
GRANT SELECT ON TABLE redress.open_credit TO redress_job, redress_invoicing, redress_reader;
