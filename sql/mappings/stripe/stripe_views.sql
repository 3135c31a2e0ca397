-- Customers, subscription items and invoices of Stripe, from the tables that stripe/sync-engine keeps. Test data are left out
-- (livemode is false). Times are whole seconds since 1970.
--
-- The tables have a subscription as it is now. What an item was before stands in the lines of invoices: a line has the price and
-- the quantity from the beginning of its period on. Where the newest line is not what the item is now, nobody can tell since
-- when, and the item is reported until the next invoice says it.

CREATE OR REPLACE VIEW redress_source.customer AS
SELECT
  customers.id AS customer_id,
  NULLIF(btrim(customers.name), '') AS name,
  COALESCE(own.tier, everyone.tier) AS tier,
  NULL::text AS time_zone,
  customers.email AS email
FROM {{vendor}}.customers
LEFT JOIN redress_mapping.customer_tier AS own ON own.customer_id = customers.id
LEFT JOIN redress_mapping.customer_tier AS everyone ON everyone.customer_id = '*'
WHERE customers.livemode IS NOT FALSE
UNION ALL
-- What is decided about all customers at once is asked for once, as a customer that no run can take.
SELECT
  'undecided: ' || open.decision || ' ' || open.subject, 'redress_mapping.' || open.decision || ': ' || open.answer, '',
  'undecided', NULL
FROM redress_mapping.common_undecided AS open
WHERE open.decision <> 'time_zone';

CREATE OR REPLACE VIEW redress_mapping.stripe_line AS
SELECT
  COALESCE(line.value ->> 'subscription_item', line.value #>> '{parent,subscription_item_details,subscription_item}') AS item_id,
  COALESCE(line.value #>> '{price,id}', line.value #>> '{pricing,price_details,price}', line.value #>> '{plan,id}') AS price_id,
  (line.value ->> 'quantity')::numeric AS quantity,
  (line.value ->> 'amount')::numeric AS amount,
  COALESCE(line.value ->> 'proration', line.value #>> '{parent,subscription_item_details,proration}', 'false')::boolean AS is_proration,
  (line.value #>> '{period,start}')::bigint AS starts_at,
  invoices.created, line.number
FROM {{vendor}}.invoices
CROSS JOIN LATERAL jsonb_array_elements(
  CASE WHEN jsonb_typeof(invoices.lines -> 'data') = 'array' THEN invoices.lines -> 'data' ELSE '[]' END)
  WITH ORDINALITY AS line (value, number)
WHERE invoices.status::text COLLATE "C" NOT IN ('void', 'deleted') AND invoices.livemode IS NOT FALSE;
COMMENT ON VIEW redress_mapping.stripe_line IS 'The lines of Stripe''s invoices that are about an item of a subscription, in seconds.';

CREATE OR REPLACE VIEW redress_mapping.stripe_item AS
SELECT
  subscription_items.id, subscription_items.price AS price_id, subscription_items.quantity, subscriptions.customer,
  subscriptions.status::text AS status,
  LEAST(line.first_at, GREATEST(subscriptions.start_date, subscription_items.created)) AS starts_at,
  CASE WHEN subscription_items.deleted THEN COALESCE(line.removed_at, subscriptions.ended_at) ELSE subscriptions.ended_at END AS ends_at,
  CASE
    WHEN decided.is_paid IS NULL THEN 'stripe_status ' || COALESCE(subscriptions.status::text, 'null')
    WHEN jsonb_typeof(subscriptions.pause_collection) = 'object' AND paused.is_paid IS NULL THEN 'stripe_status pause_collection'
    WHEN subscriptions.status::text COLLATE "C" = 'canceled' AND subscriptions.ended_at IS NULL THEN 'canceled without ended_at'
    WHEN subscription_items.deleted AND line.removed_at IS NULL AND subscriptions.ended_at IS NULL THEN 'item removed, since when is not known'
  END AS undecided,
  (subscriptions.trial_start #>> '{}')::bigint AS trial_starts_at,
  (subscriptions.trial_end #>> '{}')::bigint AS trial_ends_at,
  CASE WHEN jsonb_typeof(subscriptions.discount) = 'object' THEN subscriptions.discount
    WHEN jsonb_typeof(customers.discount) = 'object' THEN customers.discount END AS discount
FROM {{vendor}}.subscription_items
JOIN {{vendor}}.subscriptions ON subscriptions.id = subscription_items.subscription
LEFT JOIN {{vendor}}.customers ON customers.id = subscriptions.customer
LEFT JOIN redress_mapping.stripe_status AS decided ON decided.status = subscriptions.status::text COLLATE "C"
LEFT JOIN redress_mapping.stripe_status AS paused ON paused.status = 'pause_collection'
LEFT JOIN (
  SELECT
    stripe_line.item_id,
    min(stripe_line.starts_at) FILTER (WHERE stripe_line.amount >= 0 OR NOT stripe_line.is_proration) AS first_at,
    max(stripe_line.starts_at) FILTER (WHERE stripe_line.amount < 0 AND stripe_line.is_proration) AS removed_at
  FROM redress_mapping.stripe_line
  GROUP BY stripe_line.item_id
) AS line ON line.item_id = subscription_items.id
WHERE subscriptions.livemode IS NOT FALSE
  AND decided.is_paid IS NOT FALSE
  AND NOT (jsonb_typeof(subscriptions.pause_collection) = 'object' AND paused.is_paid IS FALSE) IS TRUE;
COMMENT ON VIEW redress_mapping.stripe_item IS 'The items of Stripe''s subscriptions that are paid for, in seconds.';

-- The price and the quantity of an item, in stretches: from a line, or from a moment at which something else changes.
CREATE OR REPLACE VIEW redress_mapping.stripe_stretch AS
SELECT
  carried.item_id, carried.at AS starts_at,
  COALESCE(lead(carried.at) OVER (PARTITION BY carried.item_id ORDER BY carried.at), carried.ends_at) AS ends_at,
  first_value(carried.price_id) OVER known AS price_id,
  first_value(carried.quantity) OVER known AS quantity,
  carried.lines AS line,
  max(carried.lines) OVER (PARTITION BY carried.item_id) AS last_line
FROM (
  SELECT
    moment.item_id, moment.at, item.ends_at, max(moment.price_id) AS price_id, max(moment.quantity) AS quantity,
    -- What was before the first line is as that line says.
    GREATEST(1, sum(count(moment.price_id)) OVER (PARTITION BY moment.item_id ORDER BY moment.at)) AS lines
  FROM (
    SELECT known.item_id, known.starts_at AS at, known.price_id, known.quantity
    FROM (
      SELECT
        line.item_id, line.starts_at, line.price_id, line.quantity,
        lag(line.price_id) OVER in_order AS price_before, lag(line.quantity) OVER in_order AS quantity_before
      FROM (
        SELECT DISTINCT ON (stripe_line.item_id, stripe_line.starts_at)
          stripe_line.item_id, stripe_line.starts_at, stripe_line.price_id, stripe_line.quantity
        FROM redress_mapping.stripe_line
        WHERE stripe_line.amount >= 0 OR NOT stripe_line.is_proration
        -- Where one line gives back and one charges from the same second on, the one that charges has what is new.
        ORDER BY stripe_line.item_id, stripe_line.starts_at, stripe_line.created DESC, stripe_line.amount DESC, stripe_line.number DESC
      ) AS line
      WINDOW in_order AS (PARTITION BY line.item_id ORDER BY line.starts_at)
    ) AS known
    -- A renewal changes nothing.
    WHERE (known.price_id, known.quantity) IS DISTINCT FROM (known.price_before, known.quantity_before)
    UNION ALL
    SELECT item.id, given.at, NULL, NULL
    FROM redress_mapping.stripe_item AS item
    CROSS JOIN LATERAL (VALUES
      (item.starts_at), (item.trial_starts_at), (item.trial_ends_at), ((item.discount ->> 'start')::bigint),
      ((item.discount ->> 'end')::bigint)) AS given (at)
  ) AS moment
  JOIN redress_mapping.stripe_item AS item ON item.id = moment.item_id
  WHERE moment.at >= item.starts_at AND (moment.at < item.ends_at OR item.ends_at IS NULL)
  GROUP BY moment.item_id, moment.at, item.ends_at
) AS carried
WINDOW known AS (PARTITION BY carried.item_id, carried.lines ORDER BY carried.price_id IS NULL, carried.at);
COMMENT ON VIEW redress_mapping.stripe_stretch IS 'What each item of Stripe was and when, in seconds. price_id is null where no invoice says it.';

CREATE OR REPLACE VIEW redress_source.subscription_term AS
SELECT
  item.id AS subscription_id,
  item.customer AS customer_id,
  CASE
    WHEN item.undecided IS NOT NULL THEN 'undecided: ' || item.undecided
    WHEN stretch.line = stretch.last_line AND NOT item.ended
      AND (stretch.price_id, stretch.quantity) IS DISTINCT FROM (item.price_id, item.quantity::numeric) AND stretch.price_id IS NOT NULL
    THEN 'undecided: price or quantity changed, since when the next invoice says'
    WHEN product.service_id IS NULL THEN 'undecided: stripe_product ' || COALESCE(price.product, 'of price ' || COALESCE(chosen.price_id, 'null'))
    WHEN coupon.applies AND decided.reduces_fee IS NULL THEN 'undecided: stripe_coupon ' || COALESCE(coupon.id, 'null')
    WHEN coupon.applies AND decided.reduces_fee AND coupon.percent_off IS NULL THEN
      'undecided: coupon ' || coupon.id || ' takes an amount off and no percentage'
    WHEN price.billing_scheme COLLATE "C" <> 'per_unit' OR price.recurring ->> 'usage_type' = 'metered'
      OR jsonb_typeof(price.transform_quantity) = 'object'
    THEN 'undecided: price ' || price.id || ' has no fee for a unit'
    ELSE product.service_id
  END AS service_id,
  COALESCE(NULLIF(btrim(price.nickname), ''), named.name) AS plan,
  redress.monthly_fee(
    redress.major_units(COALESCE(price.unit_amount_decimal::numeric, price.unit_amount), price.currency, 'stripe')
      * chosen.quantity
      * CASE WHEN coupon.applies AND decided.reduces_fee THEN GREATEST(0, 1 - coupon.percent_off / 100) ELSE 1 END,
    CASE WHEN price.recurring ->> 'interval' IN ('day', 'week', 'month', 'year') THEN price.recurring ->> 'interval' END,
    NULLIF(GREATEST(0, COALESCE((price.recurring ->> 'interval_count')::integer, 1)), 0)) AS monthly_fee,
  upper(price.currency) AS currency,
  redress.instant(stretch.starts_at) AS valid_from,
  redress.instant(stretch.ends_at) AS valid_to
FROM (
  SELECT
    stripe_item.id, stripe_item.customer, stripe_item.price_id, stripe_item.quantity, stripe_item.undecided,
    stripe_item.trial_starts_at, stripe_item.trial_ends_at, stripe_item.discount, stripe_item.ends_at IS NOT NULL AS ended
  FROM redress_mapping.stripe_item
) AS item
JOIN redress_mapping.stripe_stretch AS stretch ON stretch.item_id = item.id
CROSS JOIN LATERAL (
  SELECT
    CASE WHEN stretch.price_id IS NULL THEN item.price_id ELSE stretch.price_id END AS price_id,
    CASE WHEN stretch.price_id IS NULL THEN item.quantity::numeric ELSE stretch.quantity END AS quantity
) AS chosen
LEFT JOIN {{vendor}}.prices AS price ON price.id = chosen.price_id
LEFT JOIN {{vendor}}.products AS named ON named.id = price.product
LEFT JOIN redress_mapping.stripe_product AS product ON product.product_id = price.product
CROSS JOIN LATERAL (
  SELECT
    item.discount -> 'coupon' ->> 'id' AS id, (item.discount -> 'coupon' ->> 'percent_off')::numeric AS percent_off,
    item.discount IS NOT NULL AND COALESCE((item.discount ->> 'start')::bigint, 0) <= stretch.starts_at
      AND (item.discount ->> 'end' IS NULL OR (item.discount ->> 'end')::bigint > stretch.starts_at) AS applies
) AS coupon
LEFT JOIN redress_mapping.stripe_coupon AS decided ON decided.coupon_id = coupon.id
WHERE (stretch.starts_at < item.trial_starts_at OR stretch.starts_at >= item.trial_ends_at) IS NOT FALSE;

CREATE OR REPLACE VIEW redress_source.invoice AS
SELECT
  invoices.id AS invoice_id,
  invoices.customer AS customer_id,
  upper(invoices.currency) AS currency,
  CASE invoices.status::text COLLATE "C" WHEN 'draft' THEN 'draft' WHEN 'open' THEN 'finalized' WHEN 'paid' THEN 'finalized'
    WHEN 'uncollectible' THEN 'finalized' WHEN 'void' THEN 'void' WHEN 'deleted' THEN 'void'
    ELSE 'invoice status ' || COALESCE(invoices.status::text, 'null') END AS status,
  (redress.instant(invoices.created) AT TIME ZONE 'UTC')::date AS issue_on,
  redress.major_units(GREATEST(0, invoices.total), invoices.currency, 'stripe') AS amount_due
FROM {{vendor}}.invoices
WHERE invoices.livemode IS NOT FALSE;
