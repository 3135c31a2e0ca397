-- What the second engine of rules reads. One case is one subscription's month or quarter under one set of rules.
--
-- Instants and lengths are microseconds, intervals are half-open, severities are 0 (worst) to 3. Where a column is null
-- the policy says nothing. named_elsewhere is the mildest severity that another plan of the version names. A value's
-- rule is -1 for a cap; its rows are the forms of which the largest holds.

-- Units of the local calendar: local_day, working_day, clock_hour.
CREATE TEMPORARY TABLE rule_unit (unit text, zone text, starts bigint, ends bigint);

CREATE TEMPORARY TABLE rule_case (
  case_id integer, zone text, is_quarter boolean, counts_each boolean, takes_largest boolean, rounding text,
  minor_per_major integer, minimum bigint, raise_to bigint, named_elsewhere integer,
  base_fee text, base_share fraction, base_length bigint, base_days bigint
);
CREATE TEMPORARY TABLE rule_month (case_id integer, starts bigint, ends bigint, days integer);
CREATE TEMPORARY TABLE rule_fee (case_id integer, starts bigint, ends bigint, micros bigint);
CREATE TEMPORARY TABLE rule_incident (case_id integer, incident integer, started_at bigint, claimed_at bigint);
CREATE TEMPORARY TABLE rule_stretch (
  case_id integer, incident integer, starts bigint, ends bigint, severity integer, share fraction
);
CREATE TEMPORARY TABLE rule_rule (
  case_id integer, rule integer, is_quarter boolean, measure text, severity integer, not_worse_than integer,
  count_longer_than bigint, count_at_least bigint, whole_unit bigint, is_aligned boolean, decimals integer,
  period_length bigint, weighs_share boolean, is_from_claim boolean,
  base_fee text, base_share fraction, base_length bigint, base_days bigint,
  gate text, gate_limit fraction,
  kind text, times fraction, free_time bigint, free_share fraction,
  unit text, unit_size fraction, promise fraction, counted text, counted_limit bigint,
  grace_calendar_days integer, grace_working_days integer
);
CREATE TEMPORARY TABLE rule_step (case_id integer, rule integer, condition text, threshold fraction, credit integer);
CREATE TEMPORARY TABLE rule_rate (case_id integer, rule integer, from_number bigint, credit integer);
CREATE TEMPORARY TABLE rule_cap (case_id integer, per text, credit integer);
CREATE TEMPORARY TABLE rule_value (case_id integer, rule integer, credit integer, form text, quantity fraction);
