-- What Kill Bill cannot know. A row of each kind for everything that Kill Bill has now, undecided; answers stay as they are.

CREATE TABLE IF NOT EXISTS redress_mapping.killbill_tenant (
  tenant_record_id bigint NOT NULL,
  external_key text,
  is_ours boolean,
  CONSTRAINT killbill_tenant_pkey PRIMARY KEY (tenant_record_id)
);
COMMENT ON TABLE redress_mapping.killbill_tenant IS
  'Whose customers get credits: several tenants share the tables of Kill Bill, and one may be for tests. Finance decides.';
COMMENT ON COLUMN redress_mapping.killbill_tenant.is_ours IS 'Whether the accounts of this tenant are owed credits.';

CREATE TABLE IF NOT EXISTS redress_mapping.killbill_product (
  tenant_record_id bigint NOT NULL,
  product text NOT NULL,
  service_id text,
  CONSTRAINT killbill_product_pkey PRIMARY KEY (tenant_record_id, product)
);
COMMENT ON TABLE redress_mapping.killbill_product IS
  'Which service a product of the catalog is. Product decides.';
COMMENT ON COLUMN redress_mapping.killbill_product.service_id IS 'A service_id of redress_mapping.service.';

CREATE TABLE IF NOT EXISTS redress_mapping.killbill_tag (
  tag_definition_id text NOT NULL,
  name text,
  leaves_out boolean,
  CONSTRAINT killbill_tag_pkey PRIMARY KEY (tag_definition_id)
);
COMMENT ON TABLE redress_mapping.killbill_tag IS
  'Which tags of an account mean that it is no customer, such as TEST. Finance decides. Control tags have no name in the tables: their numbers end in 1 AUTO_PAY_OFF, 2 AUTO_INVOICING_OFF, 3 OVERDUE_ENFORCEMENT_OFF, 4 WRITTEN_OFF, 5 MANUAL_PAY, 6 TEST, 7 PARTNER, 8 AUTO_INVOICING_DRAFT, 9 AUTO_INVOICING_REUSE_DRAFT.';
COMMENT ON COLUMN redress_mapping.killbill_tag.leaves_out IS 'True: an account with this tag is left out. False: the tag means nothing here.';

INSERT INTO redress_mapping.killbill_tenant (tenant_record_id, external_key)
SELECT tenants.record_id, tenants.external_key FROM {{vendor}}.tenants
ON CONFLICT DO NOTHING;

INSERT INTO redress_mapping.killbill_product (tenant_record_id, product)
SELECT DISTINCT tenant_kvs.tenant_record_id, plan.product
FROM {{vendor}}.tenant_kvs
CROSS JOIN LATERAL XMLTABLE(
  '/*[local-name()="catalog"]/plans/plan' PASSING (tenant_kvs.tenant_value::xml) COLUMNS product text PATH 'product') AS plan
WHERE tenant_kvs.tenant_key COLLATE "C" = 'CATALOG' AND tenant_kvs.is_active
ON CONFLICT DO NOTHING;

INSERT INTO redress_mapping.killbill_tag (tag_definition_id, name)
SELECT DISTINCT tags.tag_definition_id, tag_definitions.name
FROM {{vendor}}.tags
LEFT JOIN {{vendor}}.tag_definitions ON tag_definitions.id = tags.tag_definition_id
WHERE tags.object_type COLLATE "C" = 'ACCOUNT' AND tags.is_active
ON CONFLICT DO NOTHING;

-- Kill Bill takes offsets for zones.
INSERT INTO redress_mapping.time_zone (given)
SELECT DISTINCT accounts.time_zone FROM {{vendor}}.accounts
WHERE redress.time_zone(accounts.time_zone::text) ~ '^(UTC|GMT)?[+-]'
ON CONFLICT DO NOTHING;

CREATE OR REPLACE VIEW redress_mapping.killbill_undecided AS
SELECT
  'killbill_tenant'::text AS decision,
  concat_ws(' ', killbill_tenant.tenant_record_id, killbill_tenant.external_key) AS subject,
  'is_ours: true or false'::text AS answer
FROM redress_mapping.killbill_tenant
WHERE killbill_tenant.is_ours IS NULL
UNION ALL
SELECT 'killbill_product', killbill_product.product, 'service_id: one of redress_mapping.service'
FROM redress_mapping.killbill_product
JOIN redress_mapping.killbill_tenant USING (tenant_record_id)
WHERE killbill_product.service_id IS NULL AND killbill_tenant.is_ours IS NOT FALSE
UNION ALL
SELECT 'killbill_tag', concat_ws(' ', killbill_tag.tag_definition_id, killbill_tag.name), 'leaves_out: true or false'
FROM redress_mapping.killbill_tag
WHERE killbill_tag.leaves_out IS NULL;
COMMENT ON VIEW redress_mapping.killbill_undecided IS 'Decisions about Kill Bill that are still to be made.';
