-- Every incident, with the first start and the last end of all its outage windows.
-- Returns: incident_id, title, severity, status, started_at, acknowledged_at, resolved_at, root_cause, widespread,
-- security, revenue_impact, then outages (how many), first_started_at, last_ended_at (infinity where one is not
-- closed). Order: incident_id, then every other column, byte order.
SELECT i.incident_id, i.title, i.severity, i.status, i.started_at, i.acknowledged_at, i.resolved_at, i.root_cause,
       i.widespread, i.security, i.revenue_impact,
       coalesce(o.outages, 0) AS outages, o.first_started_at, o.last_ended_at
  FROM redress_source.incident AS i
  LEFT JOIN (SELECT incident_id COLLATE "C" AS incident_id,
                    count(*) AS outages,
                    min(started_at) AS first_started_at,
                    max(coalesce(ended_at, 'infinity')) AS last_ended_at
               FROM redress_source.outage
              GROUP BY incident_id COLLATE "C") AS o
    ON o.incident_id COLLATE "C" = i.incident_id COLLATE "C"
 ORDER BY i.incident_id COLLATE "C", i.title COLLATE "C", i.severity COLLATE "C", i.status COLLATE "C", i.started_at,
          i.acknowledged_at, i.resolved_at, i.root_cause COLLATE "C", i.widespread, i.security, i.revenue_impact
