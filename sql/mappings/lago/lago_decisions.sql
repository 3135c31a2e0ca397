-- What Lago cannot know. A row of each kind for everything that Lago has now, undecided; answers stay as they are.

CREATE TABLE IF NOT EXISTS redress_mapping.lago_organization (
  organization_id uuid NOT NULL,
  name text,
  is_ours boolean,
  CONSTRAINT lago_organization_pkey PRIMARY KEY (organization_id)
);
COMMENT ON TABLE redress_mapping.lago_organization IS
  'Whose customers get credits: several organizations share the tables of Lago, and one may be for tests. Finance decides.';
COMMENT ON COLUMN redress_mapping.lago_organization.is_ours IS 'Whether the customers of this organization are owed credits.';

CREATE TABLE IF NOT EXISTS redress_mapping.lago_plan (
  organization_id uuid NOT NULL,
  plan_code text NOT NULL,
  service_id text,
  CONSTRAINT lago_plan_pkey PRIMARY KEY (organization_id, plan_code)
);
COMMENT ON TABLE redress_mapping.lago_plan IS
  'Which service a plan pays for: Lago has no services. Product decides. A plan of a customer''s own has the code of the plan it was made from.';
COMMENT ON COLUMN redress_mapping.lago_plan.service_id IS 'A service_id of redress_mapping.service.';

CREATE TABLE IF NOT EXISTS redress_mapping.lago_coupon (
  organization_id uuid NOT NULL,
  coupon_code text NOT NULL,
  reduces_fee boolean,
  CONSTRAINT lago_coupon_pkey PRIMARY KEY (organization_id, coupon_code)
);
COMMENT ON TABLE redress_mapping.lago_coupon IS
  'Whether a coupon lowers the monthly fee of which credits are a share. Whoever wrote the promise (legal, finance) decides: of the price of the plan, or of what is paid.';
COMMENT ON COLUMN redress_mapping.lago_coupon.reduces_fee IS
  'True: of what is paid, which can be told of a percentage only. False: of the price of the plan.';

INSERT INTO redress_mapping.lago_organization (organization_id, name)
SELECT organizations.id, organizations.name FROM {{vendor}}.organizations
ON CONFLICT DO NOTHING;

INSERT INTO redress_mapping.lago_plan (organization_id, plan_code)
SELECT DISTINCT plans.organization_id, plans.code FROM {{vendor}}.plans
ON CONFLICT DO NOTHING;

INSERT INTO redress_mapping.lago_coupon (organization_id, coupon_code)
SELECT DISTINCT coupons.organization_id, coupons.code
FROM {{vendor}}.coupons
JOIN {{vendor}}.applied_coupons ON applied_coupons.coupon_id = coupons.id
WHERE NOT coupons.limited_billable_metrics
ON CONFLICT DO NOTHING;

CREATE OR REPLACE VIEW redress_mapping.lago_undecided AS
SELECT
  'lago_organization'::text AS decision,
  lago_organization.organization_id || ' ' || COALESCE(lago_organization.name, '') AS subject,
  'is_ours: true or false'::text AS answer
FROM redress_mapping.lago_organization
WHERE lago_organization.is_ours IS NULL
UNION ALL
SELECT 'lago_plan', lago_plan.plan_code, 'service_id: one of redress_mapping.service'
FROM redress_mapping.lago_plan
JOIN redress_mapping.lago_organization USING (organization_id)
WHERE lago_plan.service_id IS NULL AND lago_organization.is_ours IS NOT FALSE
UNION ALL
SELECT 'lago_coupon', lago_coupon.coupon_code, 'reduces_fee: true or false'
FROM redress_mapping.lago_coupon
JOIN redress_mapping.lago_organization USING (organization_id)
WHERE lago_coupon.reduces_fee IS NULL AND lago_organization.is_ours IS NOT FALSE;
COMMENT ON VIEW redress_mapping.lago_undecided IS 'Decisions about Lago that are still to be made.';
