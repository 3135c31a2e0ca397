-- What Stripe's tables cannot say. A row of each kind for everything that they have now; answers stay as they are. What a
-- status means by Stripe's own rules is answered, the rest is undecided.

CREATE TABLE IF NOT EXISTS redress_mapping.stripe_product (
  product_id text NOT NULL,
  name text,
  service_id text,
  CONSTRAINT stripe_product_pkey PRIMARY KEY (product_id)
);
COMMENT ON TABLE redress_mapping.stripe_product IS 'Which service a product is. Product decides.';
COMMENT ON COLUMN redress_mapping.stripe_product.service_id IS 'A service_id of redress_mapping.service.';

CREATE TABLE IF NOT EXISTS redress_mapping.stripe_coupon (
  coupon_id text NOT NULL,
  reduces_fee boolean,
  CONSTRAINT stripe_coupon_pkey PRIMARY KEY (coupon_id)
);
COMMENT ON TABLE redress_mapping.stripe_coupon IS
  'Whether a coupon lowers the monthly fee of which credits are a share. Whoever wrote the promise (legal, finance) decides: of the list price, or of what is paid.';
COMMENT ON COLUMN redress_mapping.stripe_coupon.reduces_fee IS
  'True: of what is paid, which can be told of a percentage only. False: of the list price.';

CREATE TABLE IF NOT EXISTS redress_mapping.stripe_status (
  status text NOT NULL,
  is_paid boolean,
  CONSTRAINT stripe_status_pkey PRIMARY KEY (status)
);
COMMENT ON TABLE redress_mapping.stripe_status IS
  'Whether a subscription with a status is one that is paid for. Finance decides of unpaid and paused; the row pause_collection is about subscriptions whose collection is paused, since when Stripe does not say.';
COMMENT ON COLUMN redress_mapping.stripe_status.is_paid IS 'True: it earns credits. False: it earns none, also for the time before it had this status.';

INSERT INTO redress_mapping.stripe_product (product_id, name)
SELECT products.id, products.name FROM {{vendor}}.products WHERE products.livemode IS NOT FALSE
ON CONFLICT DO NOTHING;

INSERT INTO redress_mapping.stripe_coupon (coupon_id)
SELECT coupons.id FROM {{vendor}}.coupons
UNION
SELECT given.discount -> 'coupon' ->> 'id'
FROM (SELECT subscriptions.discount FROM {{vendor}}.subscriptions UNION ALL SELECT customers.discount FROM {{vendor}}.customers) AS given
WHERE given.discount -> 'coupon' ->> 'id' IS NOT NULL
ON CONFLICT DO NOTHING;

INSERT INTO redress_mapping.stripe_status (status, is_paid)
VALUES
  ('active', true), ('trialing', true), ('past_due', true), ('canceled', true), ('incomplete', false),
  ('incomplete_expired', false), ('unpaid', NULL), ('paused', NULL), ('pause_collection', NULL)
ON CONFLICT DO NOTHING;

CREATE OR REPLACE VIEW redress_mapping.stripe_undecided AS
SELECT 'stripe_product'::text AS decision, concat_ws(' ', stripe_product.product_id, stripe_product.name) AS subject,
  'service_id: one of redress_mapping.service'::text AS answer
FROM redress_mapping.stripe_product
WHERE stripe_product.service_id IS NULL
UNION ALL
SELECT 'stripe_coupon', stripe_coupon.coupon_id, 'reduces_fee: true or false'
FROM redress_mapping.stripe_coupon
WHERE stripe_coupon.reduces_fee IS NULL
UNION ALL
SELECT 'stripe_status', stripe_status.status, 'is_paid: true or false'
FROM redress_mapping.stripe_status
WHERE stripe_status.is_paid IS NULL;
COMMENT ON VIEW redress_mapping.stripe_undecided IS 'Decisions about Stripe that are still to be made.';
