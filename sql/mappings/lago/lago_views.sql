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
SELECT 'undecided: ' || open.decision || ' ' || open.subject, 'redress_mapping.' || open.decision || ': ' || open.answer, '', 'undecided', NULL
FROM (
  SELECT decision, subject, answer FROM redress_mapping.lago_undecided WHERE decision = 'lago_organization'
  UNION ALL
  SELECT decision, subject, answer FROM redress_mapping.common_undecided WHERE decision <> 'time_zone'
) AS open
UNION ALL
SELECT 'undecided: lago_organization ' || organizations.id, 'redress_mapping.lago_organization has no row for it: redress map apply lago adds one', '', 'undecided', NULL
FROM {{vendor}}.organizations
WHERE NOT EXISTS (
  SELECT 1 FROM redress_mapping.lago_organization WHERE lago_organization.organization_id = organizations.id LIMIT 1);

-- A subscription is paid from its start, or from the end of its trial, to its termination. Within that time its fee changes
-- where the price of the plan was edited (which the audit trail keeps), where the units of a fixed charge change, and where a
-- coupon begins or ends.
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
        + fixed.amount
          * CASE WHEN paid.bill_fixed_charges_monthly THEN CASE paid.interval WHEN 2 THEN 12 WHEN 4 THEN 6 ELSE 1 END ELSE 1 END,
      redress.major_units(
        (SELECT commitments.amount_cents FROM {{vendor}}.commitments
         WHERE commitments.plan_id = paid.plan_id AND commitments.commitment_type = 0), paid.amount_currency))
      * coupon.share,
    CASE paid.interval WHEN 0 THEN 'week' WHEN 1 THEN 'month' WHEN 2 THEN 'year' WHEN 3 THEN 'quarter' WHEN 4 THEN 'quarter' END,
    CASE paid.interval WHEN 4 THEN 2 ELSE 1 END) AS monthly_fee,
  upper(paid.amount_currency) AS currency,
  stretch.starts_at AT TIME ZONE 'UTC' AS valid_from,
  stretch.ends_at AT TIME ZONE 'UTC' AS valid_to
FROM (
  SELECT
    subscriptions.id, subscriptions.external_id, customers.external_id AS customer_id, customers.id AS customer_row, customers.organization_id,
    subscriptions.status, subscriptions.plan_id, plans.parent_id, plans.code, plans.interval, plans.amount_cents,
    plans.amount_currency, plans.bill_fixed_charges_monthly,
    GREATEST(
      subscriptions.started_at,
      CASE WHEN plans.trial_period > 0 THEN
        COALESCE(
          subscriptions.trial_ended_at,
          (SELECT min(earlier.started_at) FROM {{vendor}}.subscriptions AS earlier
           WHERE earlier.customer_id = subscriptions.customer_id AND earlier.external_id = subscriptions.external_id)
            + plans.trial_period * interval '1 day')
      END) AS starts_at,
    -- The one that follows may begin a moment before or after this one is noted as terminated. It is one change.
    CASE
      WHEN subscriptions.status = 1 THEN NULL
      WHEN follower.starts_at < subscriptions.terminated_at + interval '1 minute' THEN follower.starts_at
      ELSE subscriptions.terminated_at
    END AS ends_at
  FROM {{vendor}}.subscriptions
  LEFT JOIN (
    SELECT next.previous_subscription_id, min(next.started_at) AS starts_at
    FROM {{vendor}}.subscriptions AS next
    WHERE next.status IN (1, 2)
    GROUP BY next.previous_subscription_id
  ) AS follower ON follower.previous_subscription_id = subscriptions.id
  JOIN {{vendor}}.customers ON customers.id = subscriptions.customer_id
  JOIN redress_mapping.lago_organization AS tenant ON tenant.organization_id = customers.organization_id AND tenant.is_ours
  JOIN {{vendor}}.plans ON plans.id = subscriptions.plan_id
  -- 0 waits to begin, 3 was cancelled before it began, 4 waits for its first payment.
  WHERE subscriptions.status NOT IN (0, 3, 4)
) AS paid
LEFT JOIN redress_mapping.lago_plan AS plan
  ON plan.organization_id = paid.organization_id AND plan.plan_code = paid.code
CROSS JOIN LATERAL (
  SELECT moment.at AS starts_at, COALESCE(lead(moment.at) OVER (ORDER BY moment.at), paid.ends_at) AS ends_at
  FROM (
    SELECT paid.starts_at AS at
    UNION
    SELECT versions.created_at FROM {{vendor}}.versions
    WHERE versions.item_type = 'Plan' AND versions.item_id = paid.plan_id::text AND versions.event = 'update'
      AND versions.object_changes -> 'amount_cents' IS NOT NULL
    UNION
    SELECT fixed_charge_events.timestamp FROM {{vendor}}.fixed_charge_events
    WHERE fixed_charge_events.subscription_id = paid.id AND fixed_charge_events.deleted_at IS NULL
    UNION
    SELECT fixed_charges.deleted_at FROM {{vendor}}.fixed_charges WHERE fixed_charges.plan_id = paid.plan_id
    UNION
    SELECT unnest(ARRAY[applied_coupons.created_at, applied_coupons.terminated_at])
    FROM {{vendor}}.applied_coupons WHERE applied_coupons.customer_id = paid.customer_row
  ) AS moment
  WHERE moment.at = paid.starts_at
    OR (moment.at > paid.starts_at AND (moment.at < paid.ends_at OR paid.ends_at IS NULL))
) AS stretch
-- The price that the next edit replaced, or else that of now.
CROSS JOIN LATERAL (
  SELECT COALESCE(
    (SELECT (versions.object_changes -> 'amount_cents' ->> 0)::numeric FROM {{vendor}}.versions
     WHERE versions.item_type = 'Plan' AND versions.item_id = paid.plan_id::text AND versions.event = 'update'
       AND versions.object_changes -> 'amount_cents' IS NOT NULL AND versions.created_at > stretch.starts_at
     ORDER BY versions.created_at, versions.id LIMIT 1),
    paid.amount_cents) AS amount_cents
) AS price
CROSS JOIN LATERAL (
  SELECT
    COALESCE(sum(
      COALESCE(
        (SELECT fixed_charge_events.units FROM {{vendor}}.fixed_charge_events
         WHERE fixed_charge_events.subscription_id = paid.id AND fixed_charge_events.fixed_charge_id = fixed_charges.id
           AND fixed_charge_events.deleted_at IS NULL AND fixed_charge_events.timestamp <= stretch.starts_at
         ORDER BY fixed_charge_events.timestamp DESC, fixed_charge_events.created_at DESC LIMIT 1),
        fixed_charges.units)
      * (fixed_charges.properties ->> 'amount')::numeric), 0) AS amount,
    min(fixed_charges.charge_model::text COLLATE "C")
      FILTER (WHERE fixed_charges.charge_model::text COLLATE "C" <> 'standard' OR fixed_charges.properties ->> 'amount' IS NULL)
      AS not_standard
  FROM {{vendor}}.fixed_charges
  WHERE fixed_charges.plan_id = paid.plan_id
    AND (fixed_charges.deleted_at > stretch.starts_at OR fixed_charges.deleted_at IS NULL)
) AS fixed
CROSS JOIN LATERAL (
  SELECT
    min(coupons.code COLLATE "C") FILTER (WHERE decided.reduces_fee IS NULL) AS undecided,
    min(coupons.code COLLATE "C") FILTER (WHERE decided.reduces_fee AND coupons.coupon_type <> 1) AS amounts,
    GREATEST(0, 1 - COALESCE(sum(applied_coupons.percentage_rate) FILTER (WHERE decided.reduces_fee), 0) / 100) AS share
  FROM {{vendor}}.applied_coupons
  JOIN {{vendor}}.coupons ON coupons.id = applied_coupons.coupon_id
  LEFT JOIN redress_mapping.lago_coupon AS decided
    ON decided.organization_id = coupons.organization_id AND decided.coupon_code = coupons.code
  WHERE applied_coupons.customer_id = paid.customer_row
    AND applied_coupons.created_at <= stretch.starts_at
    AND (applied_coupons.terminated_at > stretch.starts_at OR applied_coupons.terminated_at IS NULL)
    AND NOT coupons.limited_billable_metrics
    AND (NOT coupons.limited_plans OR EXISTS (
      SELECT 1 FROM {{vendor}}.coupon_targets
      WHERE coupon_targets.coupon_id = coupons.id AND coupon_targets.deleted_at IS NULL
        AND coupon_targets.plan_id IN (paid.plan_id, paid.parent_id)
      LIMIT 1))
) AS coupon
WHERE paid.starts_at < paid.ends_at OR paid.ends_at IS NULL OR paid.starts_at IS NULL;

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
