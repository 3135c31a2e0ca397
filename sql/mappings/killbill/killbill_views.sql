-- Kill Bill's accounts, subscriptions and invoices. Times of Kill Bill have no zone and are in UTC.
--
-- Fees are in the catalog, an XML document for each of its versions. A subscription has the version that was in effect when
-- its plan was chosen.

CREATE OR REPLACE VIEW redress_mapping.killbill_price AS
SELECT
  tenant_kvs.tenant_record_id, document.effective_at AT TIME ZONE 'UTC' AS effective_at, plan.name AS plan_name, plan.product,
  plan.name || '-' || lower(phase.type) AS phase_name, phase.type AS phase_type, phase.billing_period, price.currency, price.amount
FROM {{vendor}}.tenant_kvs
CROSS JOIN LATERAL XMLTABLE(
  '/*[local-name()="catalog"]' PASSING (tenant_kvs.tenant_value::xml)
  COLUMNS effective_at timestamptz PATH 'effectiveDate', plans xml PATH 'plans') AS document
CROSS JOIN LATERAL XMLTABLE(
  '/plans/plan' PASSING document.plans
  COLUMNS name text PATH '@name', product text PATH 'product', phases xml PATH '(initialPhases/phase | finalPhase)') AS plan
CROSS JOIN LATERAL XMLTABLE(
  '/phases/*' PASSING xmlelement(NAME phases, plan.phases)
  COLUMNS type text PATH '@type', billing_period text PATH 'recurring/billingPeriod', prices xml PATH 'recurring/recurringPrice') AS phase
LEFT JOIN LATERAL XMLTABLE(
  '/recurringPrice/price' PASSING phase.prices
  COLUMNS currency text PATH 'currency', amount numeric PATH 'value') AS price ON true
WHERE tenant_kvs.tenant_key COLLATE "C" = 'CATALOG' AND tenant_kvs.is_active;
COMMENT ON VIEW redress_mapping.killbill_price IS 'The recurring prices of all versions of the catalogs of Kill Bill, a row for each phase and currency.';

CREATE OR REPLACE VIEW redress_mapping.killbill_account AS
SELECT
  accounts.record_id, accounts.id, accounts.name, accounts.company_name, accounts.email, accounts.currency, accounts.time_zone,
  accounts.tenant_record_id, tag.undecided
FROM {{vendor}}.accounts
JOIN redress_mapping.killbill_tenant AS tenant ON tenant.tenant_record_id = accounts.tenant_record_id AND tenant.is_ours
CROSS JOIN LATERAL (
  SELECT
    COALESCE(bool_or(decided.leaves_out), false) AS leaves_out,
    min(tags.tag_definition_id COLLATE "C") FILTER (WHERE decided.leaves_out IS NULL) AS undecided
  FROM {{vendor}}.tags
  LEFT JOIN redress_mapping.killbill_tag AS decided ON decided.tag_definition_id = tags.tag_definition_id
  WHERE tags.object_id = accounts.id AND tags.object_type COLLATE "C" = 'ACCOUNT' AND tags.is_active
) AS tag
WHERE NOT tag.leaves_out;
COMMENT ON VIEW redress_mapping.killbill_account IS 'The accounts of Kill Bill that are customers.';

CREATE OR REPLACE VIEW redress_source.customer AS
SELECT
  account.id::text AS customer_id,
  COALESCE(NULLIF(btrim(account.name), ''), NULLIF(btrim(account.company_name), '')) AS name,
  COALESCE(own.tier, everyone.tier) AS tier,
  CASE WHEN account.undecided IS NOT NULL THEN 'undecided: killbill_tag ' || account.undecided
    ELSE COALESCE(zone.time_zone, redress.time_zone(account.time_zone::text)) END AS time_zone,
  account.email::text AS email
FROM redress_mapping.killbill_account AS account
LEFT JOIN redress_mapping.time_zone AS zone ON zone.given = account.time_zone
LEFT JOIN redress_mapping.customer_tier AS own ON own.customer_id = account.id
LEFT JOIN redress_mapping.customer_tier AS everyone ON everyone.customer_id = '*'
UNION ALL
-- What is decided about all customers at once is asked for once, as a customer that no run can take.
SELECT 'undecided: ' || open.decision || ' ' || open.subject, 'redress_mapping.' || open.decision || ': ' || open.answer, '', 'undecided', NULL
FROM (
  SELECT decision, subject, answer FROM redress_mapping.killbill_undecided WHERE decision = 'killbill_tenant'
  UNION ALL
  SELECT decision, subject, answer FROM redress_mapping.common_undecided WHERE decision <> 'time_zone'
) AS open
UNION ALL
SELECT 'undecided: killbill_tenant ' || tenants.record_id, 'redress_mapping.killbill_tenant has no row for it: redress map apply killbill adds one', '', 'undecided', NULL
FROM {{vendor}}.tenants
WHERE NOT EXISTS (
  SELECT 1 FROM redress_mapping.killbill_tenant WHERE killbill_tenant.tenant_record_id = tenants.record_id LIMIT 1);

-- A subscription changes at its events, and while its billing is blocked (paused, overdue) nobody pays for it.
CREATE OR REPLACE VIEW redress_source.subscription_term AS
-- The documents are read once, and not for each subscription.
WITH listed AS MATERIALIZED (
  SELECT tenant_record_id, effective_at, plan_name, product, phase_name, phase_type, billing_period, currency, amount
  FROM redress_mapping.killbill_price
)
SELECT
  subscription.id::text AS subscription_id,
  subscription.account_id::text AS customer_id,
  CASE
    WHEN product.service_id IS NULL THEN 'undecided: killbill_product ' || COALESCE(price.product, 'of plan ' || chosen.plan_name)
    ELSE product.service_id
  END AS service_id,
  COALESCE(made.parent_plan_name, chosen.plan_name)::text AS plan,
  redress.monthly_fee(
    COALESCE(override.recurring_price, price.amount) * quantity.quantity,
    CASE
      WHEN price.billing_period IN ('DAILY', 'THIRTY_DAYS', 'THIRTY_ONE_DAYS', 'SIXTY_DAYS', 'NINETY_DAYS') THEN 'day'
      WHEN price.billing_period IN ('WEEKLY', 'BIWEEKLY') THEN 'week'
      WHEN price.billing_period IN (
        'MONTHLY', 'BIMESTRIAL', 'QUARTERLY', 'TRIANNUAL', 'BIANNUAL', 'ANNUAL', 'SESQUIENNIAL', 'BIENNIAL', 'TRIENNIAL') THEN 'month'
    END,
    CASE price.billing_period
      WHEN 'THIRTY_DAYS' THEN 30 WHEN 'THIRTY_ONE_DAYS' THEN 31 WHEN 'SIXTY_DAYS' THEN 60 WHEN 'NINETY_DAYS' THEN 90
      WHEN 'BIWEEKLY' THEN 2 WHEN 'BIMESTRIAL' THEN 2 WHEN 'QUARTERLY' THEN 3 WHEN 'TRIANNUAL' THEN 4 WHEN 'BIANNUAL' THEN 6
      WHEN 'ANNUAL' THEN 12 WHEN 'SESQUIENNIAL' THEN 18 WHEN 'BIENNIAL' THEN 24 WHEN 'TRIENNIAL' THEN 36 ELSE 1
    END) AS monthly_fee,
  subscription.currency::text AS currency,
  stretch.starts_at AT TIME ZONE 'UTC' AS valid_from,
  stretch.ends_at AT TIME ZONE 'UTC' AS valid_to
FROM (
  SELECT subscriptions.id, subscriptions.bundle_id, bundles.account_id, account.currency, account.tenant_record_id
  FROM {{vendor}}.subscriptions
  JOIN {{vendor}}.bundles ON bundles.id = subscriptions.bundle_id
  JOIN redress_mapping.killbill_account AS account ON account.id = bundles.account_id
) AS subscription
CROSS JOIN LATERAL (
  SELECT moment.at AS starts_at, lead(moment.at) OVER (ORDER BY moment.at) AS ends_at
  FROM (
    SELECT subscription_events.effective_date AS at FROM {{vendor}}.subscription_events
    WHERE subscription_events.subscription_id = subscription.id AND subscription_events.is_active
    UNION
    SELECT blocking_states.effective_date FROM {{vendor}}.blocking_states
    WHERE blocking_states.blockable_id IN (subscription.id, subscription.bundle_id, subscription.account_id)
      AND blocking_states.is_active
  ) AS moment
) AS stretch
-- The plan's choice, the phase, the end and the quantity that are the newest at the beginning of the stretch.
CROSS JOIN LATERAL (
  SELECT subscription_events.plan_name, subscription_events.effective_date
  FROM {{vendor}}.subscription_events
  WHERE subscription_events.subscription_id = subscription.id AND subscription_events.is_active
    AND subscription_events.plan_name IS NOT NULL AND subscription_events.effective_date <= stretch.starts_at
  ORDER BY subscription_events.effective_date DESC, subscription_events.record_id DESC
  LIMIT 1
) AS chosen
CROSS JOIN LATERAL (
  SELECT subscription_events.phase_name, subscription_events.event_type, subscription_events.user_type
  FROM {{vendor}}.subscription_events
  WHERE subscription_events.subscription_id = subscription.id AND subscription_events.is_active
    AND subscription_events.effective_date <= stretch.starts_at
    AND subscription_events.event_type COLLATE "C" IN ('API_USER', 'PHASE', 'EXPIRED')
    -- What was taken back is not active any more; that it was changes nothing.
    AND subscription_events.user_type COLLATE "C" IS DISTINCT FROM 'UNCANCEL'
    AND subscription_events.user_type COLLATE "C" IS DISTINCT FROM 'UNDO_CHANGE'
  ORDER BY subscription_events.effective_date DESC, subscription_events.record_id DESC
  LIMIT 1
) AS now
CROSS JOIN LATERAL (
  SELECT COALESCE(
    (SELECT subscription_events.quantity FROM {{vendor}}.subscription_events
     WHERE subscription_events.subscription_id = subscription.id AND subscription_events.is_active
       AND subscription_events.event_type COLLATE "C" = 'QUANTITY_UPDATE' AND subscription_events.effective_date <= stretch.starts_at
     ORDER BY subscription_events.effective_date DESC, subscription_events.record_id DESC
     LIMIT 1), 1) AS quantity
) AS quantity
-- A plan with prices of its own is named after the one that it was made from, with the number of its row.
LEFT JOIN LATERAL (
  SELECT catalog_override_plan_definition.record_id, catalog_override_plan_definition.parent_plan_name
  FROM {{vendor}}.catalog_override_plan_definition
  WHERE catalog_override_plan_definition.tenant_record_id = subscription.tenant_record_id
    AND catalog_override_plan_definition.parent_plan_name || '-' || catalog_override_plan_definition.record_id = chosen.plan_name
) AS made ON true
CROSS JOIN LATERAL (
  SELECT CASE
    WHEN made.record_id IS NULL THEN now.phase_name
    ELSE made.parent_plan_name || substr(now.phase_name, length(chosen.plan_name) + 1)
  END AS name
) AS phase
-- The newest version of the catalog then; its price in the currency of the account, or none.
LEFT JOIN LATERAL (
  SELECT
    listed.product, listed.phase_type, listed.billing_period,
    CASE WHEN listed.currency = subscription.currency THEN listed.amount END AS amount
  FROM listed
  WHERE listed.tenant_record_id = subscription.tenant_record_id
    AND listed.plan_name = COALESCE(made.parent_plan_name, chosen.plan_name)
    AND listed.phase_name = phase.name
    AND listed.effective_at <= chosen.effective_date
  ORDER BY listed.effective_at DESC, (listed.currency = subscription.currency) IS TRUE DESC
  LIMIT 1
) AS price ON true
LEFT JOIN LATERAL (
  SELECT catalog_override_phase_definition.recurring_price
  FROM {{vendor}}.catalog_override_plan_phase
  JOIN {{vendor}}.catalog_override_phase_definition
    ON catalog_override_phase_definition.record_id = catalog_override_plan_phase.phase_def_record_id
  WHERE catalog_override_plan_phase.target_plan_def_record_id = made.record_id
    AND catalog_override_phase_definition.parent_phase_name = phase.name
    AND catalog_override_phase_definition.currency = subscription.currency
  ORDER BY catalog_override_phase_definition.record_id DESC
  LIMIT 1
) AS override ON true
LEFT JOIN redress_mapping.killbill_product AS product
  ON product.tenant_record_id = subscription.tenant_record_id AND product.product = price.product
WHERE (stretch.starts_at < stretch.ends_at OR stretch.ends_at IS NULL)
  AND now.event_type COLLATE "C" <> 'EXPIRED' AND now.user_type COLLATE "C" IS DISTINCT FROM 'CANCEL'
  AND price.phase_type IS DISTINCT FROM 'TRIAL'
  AND NOT EXISTS (
    SELECT 1
    FROM (
      SELECT DISTINCT ON (blocking_states.blockable_id, blocking_states.service) blocking_states.block_billing
      FROM {{vendor}}.blocking_states
      WHERE blocking_states.blockable_id IN (subscription.id, subscription.bundle_id, subscription.account_id)
        AND blocking_states.is_active AND blocking_states.effective_date <= stretch.starts_at
      ORDER BY blocking_states.blockable_id, blocking_states.service, blocking_states.effective_date DESC, blocking_states.record_id DESC
    ) AS state
    WHERE state.block_billing
    LIMIT 1);

CREATE OR REPLACE VIEW redress_source.invoice AS
SELECT
  invoices.id::text AS invoice_id,
  invoices.account_id::text AS customer_id,
  invoices.currency::text AS currency,
  CASE invoices.status COLLATE "C" WHEN 'DRAFT' THEN 'draft' WHEN 'COMMITTED' THEN 'finalized' WHEN 'VOID' THEN 'void'
    ELSE 'invoice status ' || COALESCE(invoices.status, 'null') END AS status,
  invoices.invoice_date AS issue_on,
  GREATEST(0, COALESCE(item.amount, 0)) AS amount_due
FROM {{vendor}}.invoices
JOIN redress_mapping.killbill_account AS account ON account.id = invoices.account_id
LEFT JOIN (
  SELECT invoice_items.invoice_id, sum(invoice_items.amount) AS amount
  FROM {{vendor}}.invoice_items
  GROUP BY invoice_items.invoice_id
) AS item ON item.invoice_id = invoices.id;
