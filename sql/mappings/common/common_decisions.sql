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
