-- Moves the decisions of the parts of a run into the ledger, each content once, numbered on in the order in which
-- one process would have met them.
-- Parameters: run_id; the parts in their order.
INSERT INTO redress.decision
  (run_id, number, percent_before_cap_bp, counted_microseconds, outage_ended_at, tier_longer_than_microseconds, clause, downtime_microseconds, period_microseconds,
   severity, policy_version, service_id, plan, time_zone)
SELECT $1::bigint, there.highest + row_number() OVER (ORDER BY new.ordinal, new.number),
       new.percent_before_cap_bp, new.counted_microseconds, new.outage_ended_at, new.tier_longer_than_microseconds, new.clause, new.downtime_microseconds, new.period_microseconds, new.severity, new.policy_version, new.service_id, new.plan, new.time_zone
  FROM (SELECT DISTINCT ON (met.content) met.ordinal, met.number, met.percent_before_cap_bp, met.counted_microseconds,
               met.outage_ended_at, met.tier_longer_than_microseconds, met.clause, met.downtime_microseconds, met.period_microseconds,
               met.severity, met.policy_version, met.service_id, met.plan, met.time_zone, met.content
          FROM (SELECT part.ordinal, s.number, s.percent_before_cap_bp, s.counted_microseconds, s.outage_ended_at,
                       s.tier_longer_than_microseconds, s.clause, s.downtime_microseconds, s.period_microseconds, s.severity,
                       s.policy_version, s.service_id, s.plan, s.time_zone,
                       ROW(s.percent_before_cap_bp, s.counted_microseconds, s.outage_ended_at, s.tier_longer_than_microseconds, s.clause, s.downtime_microseconds, s.period_microseconds, s.severity, s.policy_version, s.service_id, s.plan, s.time_zone)::text AS content
                  FROM redress.staged_decision AS s
                  JOIN unnest($2::text[]) WITH ORDINALITY AS part (number, ordinal) ON s.part = part.number::xid8) AS met
         ORDER BY met.content, met.ordinal, met.number) AS new
  LEFT JOIN (SELECT ROW(d.percent_before_cap_bp, d.counted_microseconds, d.outage_ended_at, d.tier_longer_than_microseconds, d.clause, d.downtime_microseconds, d.period_microseconds, d.severity, d.policy_version, d.service_id, d.plan, d.time_zone)::text AS content
               FROM redress.decision AS d
              WHERE d.run_id = $1::bigint) AS known
    ON known.content = new.content
 CROSS JOIN (SELECT coalesce(max(d.number), 0) AS highest
               FROM redress.decision AS d
              WHERE d.run_id = $1::bigint) AS there
 WHERE known.content IS NULL
