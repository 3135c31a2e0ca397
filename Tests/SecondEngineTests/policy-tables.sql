-- What second-engine.sql takes the policy and the as-of instant from. Made once a session, emptied for every case.
CREATE TEMPORARY TABLE second_policy (
  version text COLLATE "C", effective_from date, time_zone text, cap_bp integer, overlap text, rounding text
);
CREATE TEMPORARY TABLE second_plan (version text COLLATE "C", plan text COLLATE "C", cap_bp integer);
CREATE TEMPORARY TABLE second_tier (
  version text COLLATE "C", plan text COLLATE "C", severity integer, longer_than bigint, credit_bp integer
);
CREATE TEMPORARY TABLE second_exclude (version text COLLATE "C", kind text, announced bigint);
CREATE TEMPORARY TABLE second_minimum (version text COLLATE "C", currency text, amount_minor bigint);
CREATE TEMPORARY TABLE second_run (as_of timestamptz);
