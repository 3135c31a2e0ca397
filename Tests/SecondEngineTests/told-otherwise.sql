-- What `redress explain --customer $1 --format json` ($2) says otherwise than the ledger, one sentence a row: the law
-- that what is worked out again from the evidence is what is recorded, and that nothing names another customer.
WITH told AS (
  SELECT story, story -> 'account' AS account
  FROM jsonb_array_elements($2::text::jsonb -> 'stories') AS story
), recorded AS (
  SELECT e.subscription_id, e.incident_id, e.currency, e.amount_minor, c.monthly_fee, c.plan, c.policy_version,
    c.percent_bp, to_char(c.billing_month, 'YYYY-MM') AS month
  FROM redress.entitlement AS e
  JOIN redress.credit AS c USING (customer_id, subscription_id, incident_id, billing_month, currency, revision)
  WHERE e.customer_id = $1
)
SELECT format(
  'explain: %s / %s / %s / %s: recorded %s, told %s', subscription_id, incident_id, month, currency, amount_minor,
  COALESCE(story::text, 'nothing'))
FROM recorded
LEFT JOIN told ON story ->> 'subscription_id' = subscription_id AND story ->> 'incident_id' = incident_id
WHERE story IS NULL
  OR story ->> 'basis' <> 'frozen_evidence'
  OR account ->> 'agrees_with_ledger' = 'false'
  OR amount_minor <> 0 AND (
    (story ->> 'amount_minor')::numeric IS DISTINCT FROM amount_minor
    OR story ->> 'currency' IS DISTINCT FROM currency
    OR story ->> 'billing_month' IS DISTINCT FROM month
    OR (account #>> '{decision,rounded_amount}')::numeric IS DISTINCT FROM redress.major_units(amount_minor, currency)
    OR (account #>> '{decision,monthly_fee}')::numeric IS DISTINCT FROM monthly_fee
    OR account #>> '{decision,plan}' IS DISTINCT FROM plan
    OR account #>> '{decision,policy_version}' IS DISTINCT FROM policy_version
    OR (account #>> '{decision,percent}')::numeric * 100 IS DISTINCT FROM percent_bp)
UNION ALL
SELECT format('explain: what %s is told names customer %s', $1, other.customer_id)
FROM redress_source.customer AS other
WHERE other.customer_id <> $1
  AND other.customer_id IN (
    SELECT text #>> '{}' FROM jsonb_path_query($2::text::jsonb, 'strict $.** ? (@.type() == "string")') AS text)
  AND other.customer_id NOT IN (
    SELECT unnest(ARRAY[subscription_id, incident_id, plan]) FROM recorded WHERE plan IS NOT NULL)
ORDER BY 1
