-- Instants in a time zone, as texts show them: 5 October 2026, 08:00. Seconds and fractions only if
-- there are any. The distance to UTC only if the clocks change within three hours.
-- Parameters: zone, microseconds since 1970-01-01 UTC. Returns: microseconds, text. Order: none.
SELECT t.microseconds,
       to_char(t.here, 'FMDD FMMonth YYYY, HH24:MI')
       || CASE
            WHEN date_trunc('minute', t.here) = t.here THEN ''
            WHEN date_trunc('second', t.here) = t.here THEN to_char(t.here, ':SS')
            ELSE to_char(t.here, ':SS.US')
          END
       || CASE
            WHEN (t.at - interval '3 hours') AT TIME ZONE $1 + interval '3 hours' = t.here
             AND (t.at + interval '3 hours') AT TIME ZONE $1 - interval '3 hours' = t.here THEN ''
            ELSE ' (UTC' || CASE WHEN t.here < t.at AT TIME ZONE 'UTC' THEN '-' ELSE '+' END
                 || to_char(greatest(t.here - t.at AT TIME ZONE 'UTC', t.at AT TIME ZONE 'UTC' - t.here), 'HH24:MI')
                 || ')'
          END AS text
  FROM (SELECT m AS microseconds, timestamptz 'epoch' + m * interval '1 microsecond' AS at,
               (timestamptz 'epoch' + m * interval '1 microsecond') AT TIME ZONE $1 AS here
          FROM unnest($2::bigint[]) AS m) AS t
