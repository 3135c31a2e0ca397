-- What is still to be decided of what every mapping shares.

CREATE OR REPLACE VIEW redress_mapping.common_undecided AS
SELECT
  'service'::text AS decision, 'none yet'::text AS subject,
  'insert service_id and name of each service that is sold'::text AS answer
WHERE NOT EXISTS (SELECT 1 FROM redress_source.service LIMIT 1)
UNION ALL
SELECT 'customer_tier', customer_tier.customer_id, 'tier: such as standard; * is everybody who has no row of their own'
FROM redress_mapping.customer_tier
WHERE customer_tier.tier IS NULL
UNION ALL
SELECT 'time_zone', time_zone.given, 'time_zone: a name such as Asia/Kolkata'
FROM redress_mapping.time_zone
WHERE time_zone.time_zone IS NULL;
COMMENT ON VIEW redress_mapping.common_undecided IS 'Decisions of every mapping that are still to be made.';
