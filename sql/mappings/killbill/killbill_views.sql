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
LEFT JOIN (
  SELECT
    tags.object_id, bool_or(decided.leaves_out) AS leaves_out,
    min(tags.tag_definition_id COLLATE "C") FILTER (WHERE decided.leaves_out IS NULL) AS undecided
  FROM {{vendor}}.tags
  LEFT JOIN redress_mapping.killbill_tag AS decided ON decided.tag_definition_id = tags.tag_definition_id
  WHERE tags.object_type COLLATE "C" = 'ACCOUNT' AND tags.is_active
  GROUP BY tags.object_id
) AS tag ON tag.object_id = accounts.id
WHERE tag.leaves_out IS NOT TRUE;
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
SELECT
  'undecided: ' || open.decision || ' ' || open.subject, 'redress_mapping.' || open.decision || ': ' || open.answer, '',
  'undecided', NULL
FROM (
  SELECT decision, subject, answer FROM redress_mapping.killbill_undecided WHERE decision = 'killbill_tenant'
  UNION ALL
  SELECT decision, subject, answer FROM redress_mapping.common_undecided WHERE decision <> 'time_zone'
) AS open
UNION ALL
SELECT
  'undecided: killbill_tenant ' || tenants.record_id,
  'redress_mapping.killbill_tenant has no row for it: redress map apply killbill adds one', '', 'undecided', NULL
FROM {{vendor}}.tenants
WHERE NOT EXISTS (
  SELECT 1 FROM redress_mapping.killbill_tenant WHERE killbill_tenant.tenant_record_id = tenants.record_id LIMIT 1);

-- A subscription changes at its events, and while its billing is blocked (paused, overdue) nobody pays for it. Everything below
-- is read by relation and not by subscription, which foreign tables need.

CREATE OR REPLACE VIEW redress_mapping.killbill_subscription AS
SELECT subscriptions.id, subscriptions.bundle_id, bundles.account_id, account.currency, account.tenant_record_id
FROM {{vendor}}.subscriptions
JOIN {{vendor}}.bundles ON bundles.id = subscriptions.bundle_id
JOIN redress_mapping.killbill_account AS account ON account.id = bundles.account_id;
COMMENT ON VIEW redress_mapping.killbill_subscription IS 'The subscriptions of Kill Bill whose accounts are customers.';

-- What each event or block changes, at its instant; null is what stays as it was.
CREATE OR REPLACE VIEW redress_mapping.killbill_change AS
SELECT
  subscription.account_id, subscription.id AS subscription_id, event.effective_date::timestamp AS at, event.record_id,
  event.plan_name::text AS plan_name,
  -- That a cancellation or a change was taken back is in the event that is not active any more.
  CASE WHEN event.user_type COLLATE "C" NOT IN ('UNCANCEL', 'UNDO_CHANGE') OR event.user_type IS NULL THEN
    CASE
      WHEN event.event_type COLLATE "C" = 'EXPIRED' OR event.user_type COLLATE "C" = 'CANCEL' THEN ''
      WHEN event.event_type COLLATE "C" IN ('API_USER', 'PHASE') THEN event.phase_name::text
    END
  END AS phase_name,
  CASE WHEN event.event_type COLLATE "C" = 'QUANTITY_UPDATE' THEN event.quantity END AS quantity,
  0 AS blocks
FROM redress_mapping.killbill_subscription AS subscription
JOIN {{vendor}}.subscription_events AS event ON event.subscription_id = subscription.id AND event.is_active
UNION ALL
SELECT
  subscription.account_id, subscription.id, edge.at, NULL, NULL, NULL, NULL, edge.blocks
FROM redress_mapping.killbill_subscription AS subscription
CROSS JOIN LATERAL (VALUES (subscription.id), (subscription.bundle_id), (subscription.account_id)) AS part (id)
JOIN (
  SELECT
    blocking_states.blockable_id, blocking_states.block_billing, blocking_states.effective_date::timestamp AS starts_at,
    lead(blocking_states.effective_date::timestamp) OVER (
      PARTITION BY blocking_states.blockable_id, blocking_states.service
      ORDER BY blocking_states.effective_date, blocking_states.record_id) AS ends_at
  FROM {{vendor}}.blocking_states
  WHERE blocking_states.is_active
) AS state ON state.blockable_id = part.id AND state.block_billing
CROSS JOIN LATERAL (VALUES (state.starts_at, 1), (state.ends_at, -1)) AS edge (at, blocks)
WHERE edge.at IS NOT NULL;
COMMENT ON VIEW redress_mapping.killbill_change IS
  'What changes each subscription of Kill Bill, in UTC. The empty phase is the end; blocks is 1 where a block begins and -1 where it ends.';

-- From each instant at which something changes to the next, with what holds from then on.
CREATE OR REPLACE VIEW redress_mapping.killbill_stretch AS
SELECT
  known.account_id, known.subscription_id, known.at AS starts_at,
  lead(known.at) OVER (PARTITION BY known.account_id, known.subscription_id ORDER BY known.at) AS ends_at,
  first_value(known.plan_name) OVER of_plan AS plan_name,
  first_value(known.at) OVER of_plan AS chosen_at,
  first_value(known.phase_name) OVER (
    PARTITION BY known.account_id, known.subscription_id, known.phases ORDER BY known.at) AS phase_name,
  COALESCE(
    first_value(known.quantity) OVER (
      PARTITION BY known.account_id, known.subscription_id, known.quantities ORDER BY known.at), 1) AS quantity,
  known.blocks > 0 AS is_blocked
FROM (
  SELECT
    moment.account_id, moment.subscription_id, moment.at, moment.plan_name, moment.phase_name, moment.quantity,
    count(moment.plan_name) OVER in_order AS plans, count(moment.phase_name) OVER in_order AS phases,
    count(moment.quantity) OVER in_order AS quantities, sum(moment.blocks) OVER in_order AS blocks
  FROM (
    SELECT
      change.account_id, change.subscription_id, change.at,
      (array_agg(change.plan_name ORDER BY change.record_id DESC) FILTER (WHERE change.plan_name IS NOT NULL))[1] AS plan_name,
      (array_agg(change.phase_name ORDER BY change.record_id DESC) FILTER (WHERE change.phase_name IS NOT NULL))[1] AS phase_name,
      (array_agg(change.quantity ORDER BY change.record_id DESC) FILTER (WHERE change.quantity IS NOT NULL))[1] AS quantity,
      sum(change.blocks) AS blocks
    FROM redress_mapping.killbill_change AS change
    GROUP BY change.account_id, change.subscription_id, change.at
  ) AS moment
  WINDOW in_order AS (PARTITION BY moment.account_id, moment.subscription_id ORDER BY moment.at)
) AS known
WINDOW of_plan AS (PARTITION BY known.account_id, known.subscription_id, known.plans ORDER BY known.at);
COMMENT ON VIEW redress_mapping.killbill_stretch IS 'What each subscription of Kill Bill was and when, in UTC.';

CREATE OR REPLACE VIEW redress_source.subscription_term AS
WITH listed AS MATERIALIZED (
  -- The documents are read once, and not for each subscription. A version counts until the next one.
  SELECT
    price.tenant_record_id, price.effective_at, price.plan_name, price.product, price.phase_name, price.phase_type,
    price.billing_period, price.currency, price.amount, version.ends_at
  FROM redress_mapping.killbill_price AS price
  JOIN (
    SELECT
      named.tenant_record_id, named.effective_at,
      lead(named.effective_at) OVER (PARTITION BY named.tenant_record_id ORDER BY named.effective_at) AS ends_at
    FROM (SELECT DISTINCT tenant_record_id, effective_at FROM redress_mapping.killbill_price) AS named
  ) AS version USING (tenant_record_id, effective_at)
),
phase AS MATERIALIZED (
  SELECT DISTINCT tenant_record_id, effective_at, ends_at, plan_name, product, phase_name, phase_type, billing_period FROM listed
),
made AS MATERIALIZED (
  -- A plan with prices of its own is named after the one that it was made from, with the number of its row.
  SELECT
    definition.tenant_record_id, definition.record_id, definition.parent_plan_name::text AS parent_plan_name,
    definition.parent_plan_name || '-' || definition.record_id AS plan_name
  FROM {{vendor}}.catalog_override_plan_definition AS definition
),
own_price AS MATERIALIZED (
  SELECT
    link.target_plan_def_record_id AS record_id, definition.parent_phase_name::text AS phase_name,
    definition.currency::text AS currency,
    (array_agg(definition.recurring_price ORDER BY definition.record_id DESC))[1] AS amount
  FROM {{vendor}}.catalog_override_plan_phase AS link
  JOIN {{vendor}}.catalog_override_phase_definition AS definition ON definition.record_id = link.phase_def_record_id
  GROUP BY link.target_plan_def_record_id, definition.parent_phase_name, definition.currency
)
SELECT
  stretch.subscription_id::text AS subscription_id,
  stretch.account_id::text AS customer_id,
  CASE
    WHEN product.service_id IS NULL THEN
      'undecided: killbill_product ' || COALESCE(phase.product, 'of plan ' || COALESCE(stretch.plan_name, 'null'))
    ELSE product.service_id
  END AS service_id,
  COALESCE(made.parent_plan_name, stretch.plan_name) AS plan,
  redress.monthly_fee(
    COALESCE(own_price.amount, price.amount) * stretch.quantity,
    CASE
      WHEN phase.billing_period IN ('DAILY', 'THIRTY_DAYS', 'THIRTY_ONE_DAYS', 'SIXTY_DAYS', 'NINETY_DAYS') THEN 'day'
      WHEN phase.billing_period IN ('WEEKLY', 'BIWEEKLY') THEN 'week'
      WHEN phase.billing_period IN (
        'MONTHLY', 'BIMESTRIAL', 'QUARTERLY', 'TRIANNUAL', 'BIANNUAL', 'ANNUAL', 'SESQUIENNIAL', 'BIENNIAL', 'TRIENNIAL') THEN 'month'
    END,
    CASE phase.billing_period
      WHEN 'THIRTY_DAYS' THEN 30 WHEN 'THIRTY_ONE_DAYS' THEN 31 WHEN 'SIXTY_DAYS' THEN 60 WHEN 'NINETY_DAYS' THEN 90
      WHEN 'BIWEEKLY' THEN 2 WHEN 'BIMESTRIAL' THEN 2 WHEN 'QUARTERLY' THEN 3 WHEN 'TRIANNUAL' THEN 4 WHEN 'BIANNUAL' THEN 6
      WHEN 'ANNUAL' THEN 12 WHEN 'SESQUIENNIAL' THEN 18 WHEN 'BIENNIAL' THEN 24 WHEN 'TRIENNIAL' THEN 36 ELSE 1
    END) AS monthly_fee,
  subscription.currency::text AS currency,
  stretch.starts_at AT TIME ZONE 'UTC' AS valid_from,
  stretch.ends_at AT TIME ZONE 'UTC' AS valid_to
FROM redress_mapping.killbill_stretch AS stretch
JOIN redress_mapping.killbill_subscription AS subscription
  ON subscription.id = stretch.subscription_id AND subscription.account_id = stretch.account_id
LEFT JOIN made ON made.tenant_record_id = subscription.tenant_record_id AND made.plan_name = stretch.plan_name
LEFT JOIN phase
  ON phase.tenant_record_id = subscription.tenant_record_id
  AND phase.plan_name = COALESCE(made.parent_plan_name, stretch.plan_name)
  AND phase.phase_name = CASE WHEN made.record_id IS NULL THEN stretch.phase_name
    ELSE made.parent_plan_name || substr(stretch.phase_name, length(stretch.plan_name) + 1) END
  AND phase.effective_at <= stretch.chosen_at AND (phase.ends_at > stretch.chosen_at OR phase.ends_at IS NULL)
-- The price in the currency of the account, or none.
LEFT JOIN listed AS price
  ON price.tenant_record_id = phase.tenant_record_id AND price.effective_at = phase.effective_at
  AND price.phase_name = phase.phase_name AND price.currency = subscription.currency
LEFT JOIN own_price
  ON own_price.record_id = made.record_id AND own_price.phase_name = phase.phase_name
  AND own_price.currency = subscription.currency
LEFT JOIN redress_mapping.killbill_product AS product
  ON product.tenant_record_id = subscription.tenant_record_id AND product.product = phase.product
WHERE stretch.phase_name <> '' AND NOT stretch.is_blocked AND phase.phase_type IS DISTINCT FROM 'TRIAL';

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
