-- What a source that knows only the present has shown, and when. `redress observe` compares the present with the newest
-- observation and appends what is different; nothing is changed or deleted. Two views show the observations as stretches of
-- time, for the operator's views subscription_term and outage.

CREATE TABLE redress.term_observation (
  subscription_id text COLLATE "C" NOT NULL,
  number integer NOT NULL,
  observed_at timestamptz NOT NULL DEFAULT now(),
  observed_by text COLLATE "C" NOT NULL DEFAULT session_user,
  is_gone boolean NOT NULL,
  customer_id text COLLATE "C",
  service_id text COLLATE "C",
  plan text COLLATE "C",
  monthly_fee numeric,
  currency text COLLATE "C",
  since timestamptz,
  until timestamptz,
  CONSTRAINT term_observation_pkey PRIMARY KEY (subscription_id, number),
  CONSTRAINT term_observation_is_of_something CHECK (subscription_id <> '' AND number >= 1),
  CONSTRAINT term_observation_is_whole CHECK (
    CASE WHEN is_gone THEN num_nonnulls(customer_id, service_id, plan, monthly_fee, currency, since, until) = 0
    ELSE num_nulls(customer_id, service_id, plan, monthly_fee, currency) = 0 END),
  CONSTRAINT term_observation_is_finite CHECK (
    isfinite(observed_at) AND (since IS NULL OR isfinite(since)) AND (until IS NULL OR isfinite(until))
      AND monthly_fee NOT IN ('NaN', 'Infinity', '-Infinity'))
);
COMMENT ON TABLE redress.term_observation IS 'What redress_source.present_term has shown of each subscription, a row for each time that it was different.';
COMMENT ON COLUMN redress.term_observation.subscription_id IS 'The subscription.';
COMMENT ON COLUMN redress.term_observation.number IS 'Counts the observations of the subscription from 1.';
COMMENT ON COLUMN redress.term_observation.observed_at IS 'When the observing transaction began, by the server''s clock.';
COMMENT ON COLUMN redress.term_observation.observed_by IS 'The database user who observed it.';
COMMENT ON COLUMN redress.term_observation.is_gone IS 'Whether the subscription was not shown any more. Then the columns after this one are null.';
COMMENT ON COLUMN redress.term_observation.customer_id IS 'The customer, as it was shown.';
COMMENT ON COLUMN redress.term_observation.service_id IS 'The service, as it was shown.';
COMMENT ON COLUMN redress.term_observation.plan IS 'The plan, as it was shown.';
COMMENT ON COLUMN redress.term_observation.monthly_fee IS 'The monthly fee in major units, as it was shown.';
COMMENT ON COLUMN redress.term_observation.currency IS 'The currency of the fee, as it was shown.';
COMMENT ON COLUMN redress.term_observation.since IS 'When what is shown began, as far as the source knows; else null.';
COMMENT ON COLUMN redress.term_observation.until IS 'When it is going to end, as far as the source knows; else null.';

CREATE TABLE redress.severity_observation (
  incident_id text COLLATE "C" NOT NULL,
  service_id text COLLATE "C" NOT NULL,
  customer_id text COLLATE "C" NOT NULL,
  number integer NOT NULL,
  observed_at timestamptz NOT NULL DEFAULT now(),
  observed_by text COLLATE "C" NOT NULL DEFAULT session_user,
  is_gone boolean NOT NULL,
  severity text COLLATE "C",
  since timestamptz,
  CONSTRAINT severity_observation_pkey PRIMARY KEY (incident_id, service_id, customer_id, number),
  CONSTRAINT severity_observation_is_of_something CHECK (incident_id <> '' AND number >= 1),
  CONSTRAINT severity_observation_is_whole CHECK (
    CASE WHEN is_gone THEN num_nonnulls(severity, since) = 0 ELSE severity IS NOT NULL END),
  CONSTRAINT severity_observation_is_finite CHECK (isfinite(observed_at) AND (since IS NULL OR isfinite(since)))
);
COMMENT ON TABLE redress.severity_observation IS 'What redress_source.present_severity has shown of each open incident, a row for each time that it was different.';
COMMENT ON COLUMN redress.severity_observation.incident_id IS 'The incident.';
COMMENT ON COLUMN redress.severity_observation.service_id IS 'The service that is down; empty for all.';
COMMENT ON COLUMN redress.severity_observation.customer_id IS 'The customer who is affected; empty for all.';
COMMENT ON COLUMN redress.severity_observation.number IS 'Counts the observations of the three from 1.';
COMMENT ON COLUMN redress.severity_observation.observed_at IS 'When the observing transaction began, by the server''s clock.';
COMMENT ON COLUMN redress.severity_observation.observed_by IS 'The database user who observed it.';
COMMENT ON COLUMN redress.severity_observation.is_gone IS 'Whether it was not shown any more. Then the columns after this one are null.';
COMMENT ON COLUMN redress.severity_observation.severity IS 'As it was shown.';
COMMENT ON COLUMN redress.severity_observation.since IS 'When what is shown began, as far as the source knows; else null.';

-- Observations that differ in nothing that decides on a credit are of one term: the first of them says when it begins, the last
-- one when it ends. Where the source does not say since when something is so, it is so since it was seen.
CREATE VIEW redress.observed_term AS
WITH shown AS (
  SELECT
    *,
    max(observed_at) OVER so_far AS seen_at,
    lag(since) OVER so_far AS since_before,
    lag(until) OVER so_far AS until_before,
    lag(is_gone, 1, true) OVER so_far AS was_gone,
    NOT is_gone AND (customer_id, service_id, plan, monthly_fee, currency) IS DISTINCT FROM (
      lag(customer_id) OVER so_far, lag(service_id) OVER so_far, lag(plan) OVER so_far,
      lag(monthly_fee) OVER so_far, lag(currency) OVER so_far) AS is_first
  FROM redress.term_observation
  WINDOW so_far AS (PARTITION BY subscription_id ORDER BY number)
), numbered AS (
  SELECT
    *,
    count(*) FILTER (WHERE is_first) OVER (PARTITION BY subscription_id ORDER BY number) AS term,
    -- What is gone has ended when it was going to, or by the time that it was missed.
    CASE WHEN is_gone THEN LEAST(until_before, seen_at) ELSE until END AS ends
  FROM shown
), ended AS (
  SELECT
    *,
    first_value(ends) OVER newest_first AS term_ends,
    first_value(is_gone) OVER newest_first AS term_is_gone,
    -- A later beginning that the source tells by itself is that of the change.
    CASE WHEN was_gone OR since > since_before THEN COALESCE(since, seen_at) ELSE seen_at END AS begins
  FROM numbered
  WINDOW newest_first AS (PARTITION BY subscription_id, term ORDER BY number DESC)
), begun AS (
  SELECT
    *,
    -- What comes back after it was missed has not begun before that.
    GREATEST(begins, max(CASE WHEN term_is_gone THEN term_ends ELSE begins END) OVER (
      PARTITION BY subscription_id ORDER BY term ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) AS valid_from
  FROM ended
  WHERE is_first
), bounded AS (
  SELECT *, LEAST(term_ends, lead(valid_from) OVER (PARTITION BY subscription_id ORDER BY term)) AS valid_to
  FROM begun
)
SELECT subscription_id, customer_id, service_id, plan, monthly_fee, currency, valid_from, valid_to
FROM bounded
WHERE valid_to IS NULL OR valid_from < valid_to;
COMMENT ON VIEW redress.observed_term IS 'The observed terms in the columns of redress_source.subscription_term. The terms of a subscription do not overlap.';
COMMENT ON COLUMN redress.observed_term.subscription_id IS 'The subscription.';
COMMENT ON COLUMN redress.observed_term.customer_id IS 'Its customer during the term.';
COMMENT ON COLUMN redress.observed_term.service_id IS 'The service that it is for.';
COMMENT ON COLUMN redress.observed_term.plan IS 'Its plan during the term.';
COMMENT ON COLUMN redress.observed_term.monthly_fee IS 'Its monthly fee in major units.';
COMMENT ON COLUMN redress.observed_term.currency IS 'The currency of the fee.';
COMMENT ON COLUMN redress.observed_term.valid_from IS 'When the term began, as far as the source said it; else when it was seen.';
COMMENT ON COLUMN redress.observed_term.valid_to IS 'When it ended or is going to; null for no end.';

CREATE VIEW redress.observed_severity AS
WITH shown AS (
  SELECT
    *,
    max(observed_at) OVER so_far AS seen_at,
    lag(since) OVER so_far AS since_before,
    lag(is_gone, 1, true) OVER so_far AS was_gone,
    NOT is_gone AND severity IS DISTINCT FROM lag(severity) OVER so_far AS is_first
  FROM redress.severity_observation
  WINDOW so_far AS (PARTITION BY incident_id, service_id, customer_id ORDER BY number)
), begun AS (
  SELECT
    *,
    CASE
      WHEN is_first AND (was_gone OR since > since_before) THEN COALESCE(since, seen_at)
      WHEN is_first OR is_gone THEN seen_at
    END AS begins
  FROM shown
), stretches AS (
  SELECT
    *,
    max(begins) OVER (PARTITION BY incident_id, service_id, customer_id ORDER BY number) AS started_at
  FROM begun
  WHERE is_first OR is_gone
), bounded AS (
  SELECT *, lead(started_at) OVER (PARTITION BY incident_id, service_id, customer_id ORDER BY number) AS ended_at
  FROM stretches
)
SELECT
  incident_id, severity, NULLIF(service_id, '') AS service_id, NULLIF(customer_id, '') AS customer_id, started_at,
  ended_at
FROM bounded
WHERE is_first AND (ended_at IS NULL OR started_at < ended_at);
COMMENT ON VIEW redress.observed_severity IS 'The observed severities in the columns of redress_source.outage. A stretch has no end until another severity was seen, or none any more.';
COMMENT ON COLUMN redress.observed_severity.incident_id IS 'The incident.';
COMMENT ON COLUMN redress.observed_severity.severity IS 'Its severity during the stretch.';
COMMENT ON COLUMN redress.observed_severity.service_id IS 'The service that was down; null for all.';
COMMENT ON COLUMN redress.observed_severity.customer_id IS 'The customer who was affected; null for all.';
COMMENT ON COLUMN redress.observed_severity.started_at IS 'When it began, as far as the source said it; else when it was seen.';
COMMENT ON COLUMN redress.observed_severity.ended_at IS 'When another severity was seen, or none any more; null while it lasts.';

REVOKE ALL ON TABLE
  redress.term_observation, redress.severity_observation, redress.observed_term, redress.observed_severity
FROM PUBLIC;
GRANT SELECT ON TABLE
  redress.term_observation, redress.severity_observation, redress.observed_term, redress.observed_severity
TO redress_job, redress_invoicing, redress_reader, redress_controller;
-- When and by whom is for the server to say.
GRANT INSERT (
  subscription_id, number, is_gone, customer_id, service_id, plan, monthly_fee, currency, since, until)
ON TABLE redress.term_observation TO redress_job;
GRANT INSERT (incident_id, service_id, customer_id, number, is_gone, severity, since)
ON TABLE redress.severity_observation TO redress_job;
