-- Decisions that every mapping shares. What is there already stays as it is.

CREATE SCHEMA IF NOT EXISTS redress_mapping;
COMMENT ON SCHEMA redress_mapping IS 'What people decide about the mapping of other systems. Null is not decided yet.';

CREATE TABLE IF NOT EXISTS redress_mapping.service (
  service_id text NOT NULL,
  name text NOT NULL,
  CONSTRAINT service_pkey PRIMARY KEY (service_id)
);
COMMENT ON TABLE redress_mapping.service IS
  'What is sold and can be out of order: here billing and incidents meet. Whoever owns the promise (product, legal) decides, one row for each service that the promise names.';
COMMENT ON COLUMN redress_mapping.service.service_id IS 'The id that the other decisions give as their answer.';
COMMENT ON COLUMN redress_mapping.service.name IS 'What the service is called in reports and messages.';

CREATE TABLE IF NOT EXISTS redress_mapping.customer_tier (
  customer_id text NOT NULL,
  tier text,
  CONSTRAINT customer_tier_pkey PRIMARY KEY (customer_id)
);
COMMENT ON TABLE redress_mapping.customer_tier IS
  'Who is Enterprise. Sales decides, from the contracts: a row for each customer that has a tier of their own, and the row * for all others.';
COMMENT ON COLUMN redress_mapping.customer_tier.customer_id IS 'The customer_id of redress_source.customer, or *.';
COMMENT ON COLUMN redress_mapping.customer_tier.tier IS 'Free text; enterprise in any case is the Enterprise tier.';

INSERT INTO redress_mapping.customer_tier (customer_id, tier) VALUES ('*', NULL) ON CONFLICT DO NOTHING;

CREATE TABLE IF NOT EXISTS redress_mapping.time_zone (
  given text NOT NULL,
  time_zone text,
  CONSTRAINT time_zone_pkey PRIMARY KEY (given)
);
COMMENT ON TABLE redress_mapping.time_zone IS
  'The time zone that is meant by a text that names none, such as +05:30. Whoever knows the customers decides. It says when their months begin.';
COMMENT ON COLUMN redress_mapping.time_zone.time_zone IS 'A name of the database of time zones, such as Asia/Kolkata.';

CREATE OR REPLACE VIEW redress_mapping.common_undecided AS
SELECT 'service'::text AS decision, 'none yet'::text AS subject, 'insert service_id and name of each service that is sold'::text AS answer
WHERE NOT EXISTS (SELECT 1 FROM redress_mapping.service LIMIT 1)
UNION ALL
SELECT 'customer_tier', customer_tier.customer_id, 'tier: such as standard; * is everybody who has no row of their own'
FROM redress_mapping.customer_tier
WHERE customer_tier.tier IS NULL
UNION ALL
SELECT 'time_zone', time_zone.given, 'time_zone: a name such as Asia/Kolkata'
FROM redress_mapping.time_zone
WHERE time_zone.time_zone IS NULL;
COMMENT ON VIEW redress_mapping.common_undecided IS 'Decisions of every mapping that are still to be made.';

CREATE OR REPLACE VIEW redress_source.service AS
SELECT service.service_id, service.name
FROM redress_mapping.service;
