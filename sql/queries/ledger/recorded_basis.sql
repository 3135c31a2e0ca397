-- What revisions were decided on. Parameters: arrays of customer, subscription and incident ids, months, currencies, and
-- numbers of revisions, all of one length.
-- Returns: ordinal (from 1, of the arrays), monthly_fee, plan, outage_ended_at (microseconds since 1970),
-- counted_microseconds, policy_version, service_id; null where the revision has no basis. billed_fee, null where that is
-- not the base. Order: ordinal.
SELECT asked.ordinal, c.monthly_fee, c.plan,
       (extract(epoch FROM c.outage_ended_at) * 1000000)::bigint AS outage_ended_at, c.counted_microseconds,
       c.policy_version, c.service_id, c.billed_fee
  FROM ROWS FROM (unnest($1::text[]), unnest($2::text[]), unnest($3::text[]), unnest($4::date[]),
                  unnest($5::text[]), unnest($6::bigint[]))
       WITH ORDINALITY AS asked (customer_id, subscription_id, incident_id, billing_month, currency, revision, ordinal)
  JOIN redress.credit AS c
    ON c.customer_id = asked.customer_id COLLATE "C"
   AND c.subscription_id = asked.subscription_id COLLATE "C"
   AND c.incident_id = asked.incident_id COLLATE "C"
   AND c.billing_month = asked.billing_month
   AND c.currency = asked.currency COLLATE "C"
   AND c.revision = asked.revision::integer
 ORDER BY asked.ordinal
