-- The credits recorded under a policy version, for outages that began at an instant or later. A
-- credit belongs to the version of its newest revision that has one.
-- Parameters: version, instant; null for all of them. Returns: currency, credits, amount_minor as text. Order: currency.
SELECT k.currency, count(*) AS credits, sum(k.amount_minor)::text AS amount_minor
  FROM (SELECT c.currency, sum(c.amount_minor) AS amount_minor,
               (array_agg(c.policy_version ORDER BY c.revision DESC)
                 FILTER (WHERE c.policy_version IS NOT NULL))[1] AS policy_version,
               (array_agg(c.outage_started_at ORDER BY c.revision DESC)
                 FILTER (WHERE c.policy_version IS NOT NULL))[1] AS outage_started_at
          FROM redress.credit AS c
         GROUP BY c.customer_id, c.subscription_id, c.incident_id, c.billing_month, c.currency) AS k
 WHERE k.policy_version = $1
   AND ($2::timestamptz IS NULL OR k.outage_started_at >= $2)
   AND k.amount_minor <> 0
 GROUP BY k.currency
 ORDER BY k.currency COLLATE "C"
