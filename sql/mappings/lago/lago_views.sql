-- Lago's customers, subscriptions and invoices. Times of Lago have no zone and are in UTC.
--
-- A customer and a subscription are known by their external ids: an upgrade and a customer who was deleted and came back are
-- new rows of Lago under the same ones.

CREATE OR REPLACE VIEW redress_source.customer AS
SELECT
  chosen.external_id::text AS customer_id,
  COALESCE(
    NULLIF(btrim(chosen.name), ''), NULLIF(btrim(chosen.legal_name), ''),
    NULLIF(btrim(concat_ws(' ', chosen.firstname, chosen.lastname)), '')) AS name,
  COALESCE(own.tier, everyone.tier) AS tier,
  COALESCE(zone.time_zone, redress.time_zone(COALESCE(NULLIF(btrim(chosen.timezone), ''), billing_entities.timezone)::text))
    AS time_zone,
  chosen.email::text AS email
FROM (
  SELECT DISTINCT ON (customers.organization_id, customers.external_id)
    customers.organization_id, customers.external_id, customers.name, customers.legal_name, customers.firstname,
    customers.lastname, customers.timezone, customers.billing_entity_id, customers.email
  FROM {{vendor}}.customers
  ORDER BY
    customers.organization_id, customers.external_id, customers.deleted_at DESC NULLS FIRST, customers.created_at DESC,
    customers.id
) AS chosen
JOIN redress_mapping.lago_organization AS tenant ON tenant.organization_id = chosen.organization_id AND tenant.is_ours
LEFT JOIN {{vendor}}.billing_entities ON billing_entities.id = chosen.billing_entity_id
LEFT JOIN redress_mapping.time_zone AS zone
  ON zone.given = COALESCE(NULLIF(btrim(chosen.timezone), ''), billing_entities.timezone)
LEFT JOIN redress_mapping.customer_tier AS own ON own.customer_id = chosen.external_id
LEFT JOIN redress_mapping.customer_tier AS everyone ON everyone.customer_id = '*'
UNION ALL
-- What is decided about all customers at once is asked for once, as a customer that no run can take.
SELECT
  'undecided: ' || open.decision || ' ' || open.subject, 'redress_mapping.' || open.decision || ': ' || open.answer, '',
  'undecided', NULL
FROM (
  SELECT decision, subject, answer FROM redress_mapping.lago_undecided WHERE decision = 'lago_organization'
  UNION ALL
  SELECT decision, subject, answer FROM redress_mapping.common_undecided WHERE decision <> 'time_zone'
) AS open
UNION ALL
SELECT
  'undecided: lago_organization ' || organizations.id,
  'redress_mapping.lago_organization has no row for it: redress map apply lago adds one', '', 'undecided', NULL
FROM {{vendor}}.organizations
WHERE NOT EXISTS (
  SELECT 1 FROM redress_mapping.lago_organization WHERE lago_organization.organization_id = organizations.id LIMIT 1);

-- A subscription is paid from its start, or from the end of its trial, to its termination. Everything below is read by relation
-- and not by subscription, which foreign tables need.
CREATE OR REPLACE VIEW redress_mapping.lago_subscription AS
SELECT
  subscriptions.id, subscriptions.external_id, customers.external_id AS customer_id, customers.id AS customer_row,
  customers.organization_id, subscriptions.status, subscriptions.plan_id, plans.parent_id, plans.code,
  plans.interval AS period, plans.amount_currency, plans.bill_fixed_charges_monthly,
  GREATEST(
    subscriptions.started_at,
    CASE WHEN plans.trial_period > 0 THEN
      COALESCE(subscriptions.trial_ended_at, first.started_at + plans.trial_period * interval '1 day')
    END) AS starts_at,
  -- The one that follows may begin a moment before or after this one is noted as terminated. It is one change.
  CASE
    WHEN subscriptions.status = 1 THEN NULL
    WHEN follower.starts_at < subscriptions.terminated_at + interval '1 minute' THEN follower.starts_at
    ELSE subscriptions.terminated_at
  END AS ends_at
FROM {{vendor}}.subscriptions
JOIN {{vendor}}.customers ON customers.id = subscriptions.customer_id
JOIN redress_mapping.lago_organization AS tenant ON tenant.organization_id = customers.organization_id AND tenant.is_ours
JOIN {{vendor}}.plans ON plans.id = subscriptions.plan_id
LEFT JOIN (
  SELECT earlier.customer_id, earlier.external_id, min(earlier.started_at) AS started_at
  FROM {{vendor}}.subscriptions AS earlier
  GROUP BY earlier.customer_id, earlier.external_id
) AS first ON first.customer_id = subscriptions.customer_id AND first.external_id = subscriptions.external_id
LEFT JOIN (
  SELECT next.previous_subscription_id, min(next.started_at) AS starts_at
  FROM {{vendor}}.subscriptions AS next
  WHERE next.status IN (1, 2)
  GROUP BY next.previous_subscription_id
) AS follower ON follower.previous_subscription_id = subscriptions.id
-- 0 waits to begin, 3 was cancelled before it began, 4 waits for its first payment.
WHERE subscriptions.status NOT IN (0, 3, 4);
COMMENT ON VIEW redress_mapping.lago_subscription IS 'The subscriptions of Lago that are paid for, in UTC.';

-- Prices that were edited in place are in the audit trail: until an edit the price was what the edit replaced.
CREATE OR REPLACE VIEW redress_mapping.lago_price AS
WITH edit AS (
  SELECT
    versions.item_id, versions.created_at AS at, versions.id, (versions.object_changes -> 'amount_cents' ->> 0)::numeric AS replaced
  FROM {{vendor}}.versions
  WHERE versions.item_type = 'Plan' AND versions.event = 'update' AND versions.object_changes -> 'amount_cents' IS NOT NULL
)
SELECT
  edit.item_id AS plan_id,
  COALESCE(lag(edit.at) OVER (PARTITION BY edit.item_id ORDER BY edit.at, edit.id), '-infinity') AS starts_at,
  edit.at AS ends_at, edit.replaced AS amount_cents
FROM edit
UNION ALL
SELECT plans.id::text, COALESCE(last.at, '-infinity'), 'infinity', plans.amount_cents
FROM {{vendor}}.plans
LEFT JOIN (SELECT edit.item_id, max(edit.at) AS at FROM edit GROUP BY edit.item_id) AS last ON last.item_id = plans.id::text;
COMMENT ON VIEW redress_mapping.lago_price IS 'The amounts that each plan of Lago had, and when, in UTC.';

CREATE OR REPLACE VIEW redress_mapping.lago_units AS
SELECT
  event.subscription_id, event.fixed_charge_id, event.units, event.timestamp AS starts_at,
  lead(event.timestamp, 1, 'infinity') OVER (
    PARTITION BY event.subscription_id, event.fixed_charge_id ORDER BY event.timestamp, event.created_at) AS ends_at
FROM {{vendor}}.fixed_charge_events AS event
WHERE event.deleted_at IS NULL;
COMMENT ON VIEW redress_mapping.lago_units IS 'The units of fixed charges that each subscription of Lago had, and when, in UTC.';

-- The fee changes where the price of the plan was edited, where the units of a fixed charge change or the charge was removed, and
-- where a coupon begins or ends.
CREATE OR REPLACE VIEW redress_mapping.lago_stretch AS
SELECT
  moment.customer_id, moment.id, moment.at AS starts_at,
  COALESCE(lead(moment.at) OVER (PARTITION BY moment.customer_id, moment.id ORDER BY moment.at), moment.ends_at) AS ends_at
FROM (
  SELECT paid.customer_id, paid.id, paid.starts_at AS at, paid.ends_at FROM redress_mapping.lago_subscription AS paid
  UNION
  SELECT paid.customer_id, paid.id, point.at, paid.ends_at
  FROM redress_mapping.lago_subscription AS paid
  JOIN (
    SELECT lago_price.plan_id, lago_price.starts_at AS at FROM redress_mapping.lago_price
    UNION
    SELECT fixed_charges.plan_id::text, fixed_charges.deleted_at FROM {{vendor}}.fixed_charges
  ) AS point ON point.plan_id = paid.plan_id::text AND point.at > paid.starts_at
  UNION
  SELECT paid.customer_id, paid.id, lago_units.starts_at, paid.ends_at
  FROM redress_mapping.lago_subscription AS paid
  JOIN redress_mapping.lago_units ON lago_units.subscription_id = paid.id AND lago_units.starts_at > paid.starts_at
  UNION
  SELECT paid.customer_id, paid.id, point.at, paid.ends_at
  FROM redress_mapping.lago_subscription AS paid
  JOIN {{vendor}}.applied_coupons ON applied_coupons.customer_id = paid.customer_row
  CROSS JOIN LATERAL (VALUES (applied_coupons.created_at), (applied_coupons.terminated_at)) AS point (at)
  WHERE point.at > paid.starts_at
) AS moment
WHERE moment.at < moment.ends_at OR moment.ends_at IS NULL OR moment.at IS NULL;
COMMENT ON VIEW redress_mapping.lago_stretch IS 'The stretches of time in which the fee of each subscription of Lago was the same, in UTC.';

CREATE OR REPLACE VIEW redress_source.subscription_term AS
SELECT
  paid.external_id::text AS subscription_id,
  paid.customer_id::text AS customer_id,
  CASE
    WHEN paid.status NOT IN (1, 2) THEN 'undecided: subscription status ' || paid.status
    WHEN plan.service_id IS NULL THEN 'undecided: lago_plan ' || paid.code
    WHEN coupon.undecided IS NOT NULL THEN 'undecided: lago_coupon ' || coupon.undecided
    WHEN coupon.amounts IS NOT NULL THEN 'undecided: coupon ' || coupon.amounts || ' takes an amount off and no percentage'
    WHEN fixed.not_standard IS NOT NULL THEN 'undecided: fixed charge with the model ' || fixed.not_standard
    ELSE plan.service_id
  END AS service_id,
  paid.code::text AS plan,
  redress.monthly_fee(
    GREATEST(
      redress.major_units(price.amount_cents, paid.amount_currency)
        + COALESCE(fixed.amount, 0)
          * CASE WHEN paid.bill_fixed_charges_monthly THEN CASE paid.period WHEN 2 THEN 12 WHEN 4 THEN 6 ELSE 1 END ELSE 1 END,
      redress.major_units(commitment.amount_cents, paid.amount_currency))
      * COALESCE(coupon.share, 1),
    CASE paid.period WHEN 0 THEN 'week' WHEN 1 THEN 'month' WHEN 2 THEN 'year' WHEN 3 THEN 'quarter' WHEN 4 THEN 'quarter' END,
    CASE paid.period WHEN 4 THEN 2 ELSE 1 END) AS monthly_fee,
  upper(paid.amount_currency) AS currency,
  stretch.starts_at AT TIME ZONE 'UTC' AS valid_from,
  stretch.ends_at AT TIME ZONE 'UTC' AS valid_to
FROM redress_mapping.lago_stretch AS stretch
JOIN redress_mapping.lago_subscription AS paid ON paid.id = stretch.id AND paid.customer_id = stretch.customer_id
LEFT JOIN redress_mapping.lago_plan AS plan
  ON plan.organization_id = paid.organization_id AND plan.plan_code = paid.code
LEFT JOIN redress_mapping.lago_price AS price
  ON price.plan_id = paid.plan_id::text AND price.starts_at <= stretch.starts_at AND price.ends_at > stretch.starts_at
LEFT JOIN (
  SELECT commitments.plan_id, max(commitments.amount_cents) AS amount_cents
  FROM {{vendor}}.commitments
  WHERE commitments.commitment_type = 0
  GROUP BY commitments.plan_id
) AS commitment ON commitment.plan_id = paid.plan_id
LEFT JOIN (
  SELECT
    stretch.id, stretch.starts_at,
    sum(COALESCE(lago_units.units, fixed_charges.units) * (fixed_charges.properties ->> 'amount')::numeric) AS amount,
    min(fixed_charges.charge_model::text COLLATE "C")
      FILTER (WHERE fixed_charges.charge_model::text COLLATE "C" <> 'standard' OR fixed_charges.properties ->> 'amount' IS NULL)
      AS not_standard
  FROM redress_mapping.lago_stretch AS stretch
  JOIN redress_mapping.lago_subscription AS paid ON paid.id = stretch.id
  JOIN {{vendor}}.fixed_charges
    ON fixed_charges.plan_id = paid.plan_id
    AND (fixed_charges.deleted_at > stretch.starts_at OR fixed_charges.deleted_at IS NULL)
  LEFT JOIN redress_mapping.lago_units
    ON lago_units.subscription_id = stretch.id AND lago_units.fixed_charge_id = fixed_charges.id
    AND lago_units.starts_at <= stretch.starts_at AND lago_units.ends_at > stretch.starts_at
  GROUP BY stretch.id, stretch.starts_at
) AS fixed ON fixed.id = stretch.id AND fixed.starts_at = stretch.starts_at
LEFT JOIN (
  SELECT
    stretch.id, stretch.starts_at,
    min(coupons.code COLLATE "C") FILTER (WHERE decided.reduces_fee IS NULL) AS undecided,
    min(coupons.code COLLATE "C") FILTER (WHERE decided.reduces_fee AND coupons.coupon_type <> 1) AS amounts,
    GREATEST(0, 1 - COALESCE(sum(applied_coupons.percentage_rate) FILTER (WHERE decided.reduces_fee), 0) / 100) AS share
  FROM redress_mapping.lago_stretch AS stretch
  JOIN redress_mapping.lago_subscription AS paid ON paid.id = stretch.id
  JOIN {{vendor}}.applied_coupons
    ON applied_coupons.customer_id = paid.customer_row AND applied_coupons.created_at <= stretch.starts_at
    AND (applied_coupons.terminated_at > stretch.starts_at OR applied_coupons.terminated_at IS NULL)
  JOIN {{vendor}}.coupons ON coupons.id = applied_coupons.coupon_id AND NOT coupons.limited_billable_metrics
  LEFT JOIN redress_mapping.lago_coupon AS decided
    ON decided.organization_id = coupons.organization_id AND decided.coupon_code = coupons.code
  WHERE NOT coupons.limited_plans OR EXISTS (
    SELECT 1 FROM {{vendor}}.coupon_targets
    WHERE coupon_targets.coupon_id = coupons.id AND coupon_targets.deleted_at IS NULL
      AND coupon_targets.plan_id IN (paid.plan_id, paid.parent_id)
    LIMIT 1)
  GROUP BY stretch.id, stretch.starts_at
) AS coupon ON coupon.id = stretch.id AND coupon.starts_at = stretch.starts_at;

CREATE OR REPLACE VIEW redress_source.invoice AS
SELECT
  invoices.id::text AS invoice_id,
  customers.external_id::text AS customer_id,
  upper(invoices.currency) AS currency,
  CASE
    WHEN invoices.status = 0 THEN 'draft'
    WHEN invoices.status IN (2, 8) THEN 'void'
    -- 3 to 7: on its way to its customer, or waiting for a payment or for taxes; none takes a credit any more.
    WHEN invoices.status BETWEEN 1 AND 7 THEN 'finalized'
    ELSE 'invoice status ' || COALESCE(invoices.status::text, 'null')
  END AS status,
  invoices.issuing_date AS issue_on,
  redress.major_units(invoices.total_amount_cents, invoices.currency::text) AS amount_due
FROM {{vendor}}.invoices
JOIN redress_mapping.lago_organization AS tenant ON tenant.organization_id = invoices.organization_id AND tenant.is_ours
LEFT JOIN {{vendor}}.customers ON customers.id = invoices.customer_id
-- One that is being made has no day and no amount yet.
WHERE invoices.status <> 3 OR invoices.issuing_date IS NOT NULL;
