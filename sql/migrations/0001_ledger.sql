-- The ledger: what redress owns. Nothing here refers to redress_source; every row can be explained from this schema.
--
-- Rows of run, decision, credit_revision, invoice_line, policy_version, incident_evidence and finding are added and never
-- changed. Every key of the tables that grow with the customers has customer_id in it, and nothing here uses a trigger, a
-- sequence or a foreign key, so that those tables can be distributed by customer. `redress verify` checks what
-- foreign keys would.
--
-- Ids are text in the operator's own form, compared as bytes. Amounts in `..._minor` columns are whole minor units of
-- the row's currency; percentages in `..._bp` columns are hundredths of a percent.

CREATE SCHEMA IF NOT EXISTS redress;
COMMENT ON SCHEMA redress IS
  'Service credits: what was decided, on what, and on which invoice it is. Owned by redress; append only.';

-- Empty unless the operator maps tables here with views or asks for plain tables. Where it is there already it is the
-- operator's, and nothing about it is changed.
DO $$
BEGIN
  IF pg_catalog.to_regnamespace('redress_source') IS NULL THEN
    CREATE SCHEMA redress_source;
    COMMENT ON SCHEMA redress_source IS
      'What redress reads: customers, subscriptions, incidents, outages, invoices. Plain tables, or views over the operator''s own.';
  END IF;
END
$$;

CREATE TABLE redress.schema_migration (
  number integer NOT NULL,
  name text COLLATE "C" NOT NULL,
  digest bytea NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now(),
  applied_by text NOT NULL DEFAULT session_user,
  CONSTRAINT schema_migration_pkey PRIMARY KEY (number),
  CONSTRAINT schema_migration_digest_is_sha256 CHECK (octet_length(digest) = 32)
);
COMMENT ON TABLE redress.schema_migration IS 'The migrations that made this schema, one row each.';
COMMENT ON COLUMN redress.schema_migration.number IS 'The number that the file name starts with; migrations run in this order.';
COMMENT ON COLUMN redress.schema_migration.name IS 'The rest of the file name, without its ending.';
COMMENT ON COLUMN redress.schema_migration.digest IS 'SHA-256 of the file''s bytes as they were applied.';
COMMENT ON COLUMN redress.schema_migration.applied_at IS 'When the migration''s transaction began.';
COMMENT ON COLUMN redress.schema_migration.applied_by IS 'The database user who applied it.';

CREATE TABLE redress.run (
  run_id bigint NOT NULL,
  started_at timestamptz NOT NULL,
  finished_at timestamptz NOT NULL,
  as_of timestamptz NOT NULL,
  month_from date NOT NULL,
  month_through date NOT NULL,
  policy_digest bytea NOT NULL,
  evidence_digest bytea NOT NULL,
  program_version text NOT NULL,
  run_by text NOT NULL DEFAULT session_user,
  limits_approved boolean NOT NULL,
  revisions bigint NOT NULL,
  invoice_lines bigint NOT NULL,
  findings bigint NOT NULL,
  customers bigint NOT NULL,
  subscriptions bigint NOT NULL,
  monthly_fees jsonb NOT NULL,
  CONSTRAINT run_pkey PRIMARY KEY (run_id),
  CONSTRAINT run_finished_after_it_started CHECK (started_at <= finished_at AND isfinite(as_of)),
  CONSTRAINT run_months_are_firsts_in_order CHECK (
    (month_from <= month_through AND date_part('day', month_from) = 1
      AND date_part('day', month_through) = 1) IS TRUE),
  CONSTRAINT run_digests_are_sha256 CHECK (
    octet_length(policy_digest) = 32 AND octet_length(evidence_digest) = 32),
  CONSTRAINT run_counts_not_negative CHECK (
    revisions >= 0 AND invoice_lines >= 0 AND findings >= 0 AND customers >= 0
      AND subscriptions >= 0),
  CONSTRAINT run_monthly_fees_by_currency CHECK (jsonb_typeof(monthly_fees) = 'object')
);
COMMENT ON TABLE redress.run IS 'One row for each committed run.';
COMMENT ON COLUMN redress.run.run_id IS 'Counts the committed runs from 1, without gaps.';
COMMENT ON COLUMN redress.run.started_at IS 'When the run''s transaction began.';
COMMENT ON COLUMN redress.run.finished_at IS 'When the last row was written, just before COMMIT.';
COMMENT ON COLUMN redress.run.as_of IS 'The instant that the run took for now; an incident resolved later counted as open.';
COMMENT ON COLUMN redress.run.month_from IS 'First billing month that was reconciled, as its first day.';
COMMENT ON COLUMN redress.run.month_through IS 'Last billing month that was reconciled, as its first day; included.';
COMMENT ON COLUMN redress.run.policy_digest IS 'SHA-256 of the policy file, or of the built-in policy''s text.';
COMMENT ON COLUMN redress.run.evidence_digest IS 'SHA-256 of the evidence that all customers of this run share; in incident_evidence under customer_id ''''.';
COMMENT ON COLUMN redress.run.program_version IS 'The version of redress that made the run.';
COMMENT ON COLUMN redress.run.run_by IS 'The database user who made the run.';
COMMENT ON COLUMN redress.run.limits_approved IS 'Whether a person let the run through past the policy''s limits (--approve-limits).';
COMMENT ON COLUMN redress.run.revisions IS 'Rows that the run appended to credit.';
COMMENT ON COLUMN redress.run.invoice_lines IS 'Rows that the run appended to invoice_adjustment.';
COMMENT ON COLUMN redress.run.findings IS 'Rows that the run appended to finding.';
COMMENT ON COLUMN redress.run.customers IS 'Customers that the run read from the source.';
COMMENT ON COLUMN redress.run.subscriptions IS 'Subscriptions that the run read from the source.';
COMMENT ON COLUMN redress.run.monthly_fees IS 'Monthly fees in force at as_of, by currency, in major units as decimal strings: {"USD": "123.450000"}.';

-- What is stored and what is read are two things. Hundreds of thousands of credits share a few hundred decisions, and nearly
-- every invoice line is the whole of a revision of the same run. So a row of credit_revision refers to its decision and
-- names the invoice; invoice_line has the other lines. The views credit and invoice_adjustment show the rows in full.
--
-- The keys start with the billing month. What a night writes is then at the end of each index, and what it reads is
-- together, however many years came before. Who looks for one customer takes the months from recorded_month.

CREATE TABLE redress.decision (
  run_id bigint NOT NULL,
  number integer NOT NULL,
  percent_before_cap_bp integer,
  counted_microseconds bigint NOT NULL,
  outage_ended_at timestamptz,
  tier_longer_than_microseconds bigint,
  clause text COLLATE "C",
  downtime_microseconds bigint,
  period_microseconds bigint,
  severity text COLLATE "C",
  policy_version text COLLATE "C",
  service_id text COLLATE "C",
  plan text COLLATE "C",
  time_zone text COLLATE "C",
  CONSTRAINT decision_pkey PRIMARY KEY (run_id, number),
  CONSTRAINT decision_numbers_in_range CHECK (
    percent_before_cap_bp >= 0 AND counted_microseconds >= 0 AND downtime_microseconds >= 0),
  CONSTRAINT decision_measures_a_whole_period CHECK (
    (downtime_microseconds IS NULL) = (period_microseconds IS NULL)
      AND (period_microseconds IS NULL OR period_microseconds > 0)),
  CONSTRAINT decision_has_its_basis CHECK (
    (service_id IS NULL AND outage_ended_at IS NULL AND severity IS NULL AND policy_version IS NULL AND plan IS NULL
      AND time_zone IS NULL)
    OR (service_id IS NOT NULL AND outage_ended_at IS NOT NULL AND severity IS NOT NULL AND policy_version IS NOT NULL
      AND plan IS NOT NULL AND time_zone IS NOT NULL))
);
COMMENT ON TABLE redress.decision IS 'What revisions were decided on: a row for all the revisions of a run that share it.';
COMMENT ON COLUMN redress.decision.run_id IS 'The run that decided.';
COMMENT ON COLUMN redress.decision.number IS 'Counts the decisions of the run.';
COMMENT ON COLUMN redress.decision.percent_before_cap_bp IS 'Percentage of the tier or rule before the cap, in basis points; null where it is no whole number of them.';
COMMENT ON COLUMN redress.decision.counted_microseconds IS 'Time counted at severity or worse, in microseconds.';
COMMENT ON COLUMN redress.decision.outage_ended_at IS 'End of the last creditable time that belongs to the incident; null where all was taken back.';
COMMENT ON COLUMN redress.decision.tier_longer_than_microseconds IS 'Threshold of the tier that won, in microseconds; counted time was strictly longer.';
COMMENT ON COLUMN redress.decision.clause IS 'The rule that won, with the one step or unit that did, in one line of the policy language; null where a tier won, or no rule pays.';
COMMENT ON COLUMN redress.decision.downtime_microseconds IS 'Of a rule that measures a period: the time down in it of the incidents up to this one, in whole microseconds.';
COMMENT ON COLUMN redress.decision.period_microseconds IS 'Of a rule that measures a period: its length by the calendar, in microseconds.';
COMMENT ON COLUMN redress.decision.severity IS 'Severity of the tier that won, P0 to P3.';
COMMENT ON COLUMN redress.decision.policy_version IS 'The policy version that decided, in policy_version.';
COMMENT ON COLUMN redress.decision.service_id IS 'Service of the term in force at outage_started_at.';
COMMENT ON COLUMN redress.decision.plan IS 'Plan of the term in force at outage_started_at.';
COMMENT ON COLUMN redress.decision.time_zone IS 'The zone that decided billing_month: the customer''s, else the policy''s.';

CREATE TABLE redress.credit_revision (
  run_id bigint NOT NULL,
  amount_minor bigint NOT NULL,
  outage_started_at timestamptz,
  decision integer NOT NULL,
  percent_bp integer,
  revision integer NOT NULL,
  lines_through integer NOT NULL,
  billing_month date NOT NULL,
  customer_id text COLLATE "C" NOT NULL,
  subscription_id text COLLATE "C" NOT NULL,
  incident_id text COLLATE "C" NOT NULL,
  currency text COLLATE "C" NOT NULL,
  customer_name text NOT NULL,
  customer_tier text NOT NULL,
  monthly_fee numeric,
  month_minor bigint,
  quarter_minor bigint,
  billed_fee numeric,
  invoice_id text COLLATE "C",
  reason text COLLATE "C",
  terms json,
  customer_evidence bytea,
  CONSTRAINT credit_revision_pkey PRIMARY KEY (
    billing_month, customer_id, subscription_id, incident_id, currency, revision),
  CONSTRAINT credit_revision_changes_the_credit CHECK (
    revision >= 1 AND amount_minor <> 0 AND (revision > 1 OR amount_minor > 0)),
  CONSTRAINT credit_revision_given_has_its_basis CHECK (
    percent_bp >= 0
      AND (amount_minor < 0 OR (monthly_fee IS NOT NULL AND outage_started_at IS NOT NULL))),
  CONSTRAINT credit_revision_has_its_parts CHECK (month_minor >= 0 AND quarter_minor >= 0 AND billed_fee >= 0),
  CONSTRAINT credit_revision_line_is_counted CHECK (
    lines_through >= 0 AND (invoice_id IS NULL OR lines_through >= 1)),
  CONSTRAINT credit_revision_billing_month_is_a_first CHECK ((date_part('day', billing_month) = 1) IS TRUE)
);
CREATE INDEX credit_revision_run_id_brin ON redress.credit_revision USING brin (run_id);
CREATE INDEX credit_revision_invoice_id_idx ON redress.credit_revision (invoice_id, billing_month)
  WHERE invoice_id IS NOT NULL;
COMMENT ON TABLE redress.credit_revision IS 'The revisions of credits as they are stored. Read them in the view credit.';
COMMENT ON COLUMN redress.credit_revision.decision IS 'The number of the run''s decision, in decision.';
COMMENT ON COLUMN redress.credit_revision.invoice_id IS 'The invoice that the run put all of this revision on, as its only new line of the key; that line''s number is lines_through. Null where the run did otherwise: its lines are in invoice_line.';
COMMENT ON COLUMN redress.credit_revision.run_id IS 'The run that appended this revision.';
COMMENT ON COLUMN redress.credit_revision.outage_started_at IS 'First creditable instant that belongs to the incident for this subscription; null where all was taken back.';
COMMENT ON COLUMN redress.credit_revision.percent_bp IS 'Percentage granted after the cap, in basis points; 0 where all was taken back, null where it is no whole number of basis points.';
COMMENT ON COLUMN redress.credit_revision.amount_minor IS 'What this revision adds or takes back, in minor units; positive for grant and increase, negative for decrease.';
COMMENT ON COLUMN redress.credit_revision.revision IS 'Counts the revisions of this key from 1, without gaps.';
COMMENT ON COLUMN redress.credit_revision.lines_through IS 'How many lines of this key invoice_adjustment held when the run had finished; 0 is none. A report made later counts these lines only.';
COMMENT ON COLUMN redress.credit_revision.billing_month IS 'The month that the credit belongs to, as its first day: the month of the first creditable instant in time_zone.';
COMMENT ON COLUMN redress.credit_revision.customer_id IS 'Who gets the credit.';
COMMENT ON COLUMN redress.credit_revision.subscription_id IS 'The subscription that the fee was paid for.';
COMMENT ON COLUMN redress.credit_revision.incident_id IS 'The incident that caused it.';
COMMENT ON COLUMN redress.credit_revision.currency IS 'ISO 4217 code of every amount in this row.';
COMMENT ON COLUMN redress.credit_revision.customer_name IS 'The customer''s name that night.';
COMMENT ON COLUMN redress.credit_revision.customer_tier IS 'The customer''s tier that night, as the source writes it.';
COMMENT ON COLUMN redress.credit_revision.monthly_fee IS 'Monthly fee of the term in force at outage_started_at, in major units, exact.';
COMMENT ON COLUMN redress.credit_revision.month_minor IS 'What of the whole entitlement is for a measure of the month, in minor units; null for none.';
COMMENT ON COLUMN redress.credit_revision.quarter_minor IS 'What of the whole entitlement is for a measure of the quarter, in minor units; null for none.';
COMMENT ON COLUMN redress.credit_revision.billed_fee IS 'What the terms are billed for the period, in major units, cut to six decimals, where that is the base; null where monthly_fee is.';
COMMENT ON COLUMN redress.credit_revision.reason IS 'Why a decrease: void, not_earned, moved and the like; null for what speaks for itself.';
COMMENT ON COLUMN redress.credit_revision.terms IS 'The subscription''s terms that night, where one term did not cover the whole outage.';
COMMENT ON COLUMN redress.credit_revision.customer_evidence IS 'SHA-256 of the evidence that concerns this customer alone, in incident_evidence; null where there is none.';

CREATE TABLE redress.invoice_line (
  amount_minor bigint NOT NULL,
  run_id bigint,
  placed_at timestamptz,
  line integer NOT NULL,
  billing_month date NOT NULL,
  customer_id text COLLATE "C" NOT NULL,
  subscription_id text COLLATE "C" NOT NULL,
  incident_id text COLLATE "C" NOT NULL,
  currency text COLLATE "C" NOT NULL,
  invoice_id text COLLATE "C" NOT NULL,
  CONSTRAINT invoice_line_pkey PRIMARY KEY (
    billing_month, customer_id, subscription_id, incident_id, currency, line),
  CONSTRAINT invoice_line_changes_the_invoice CHECK (amount_minor <> 0 AND line >= 1),
  CONSTRAINT invoice_line_has_one_origin CHECK ((run_id IS NULL) <> (placed_at IS NULL)),
  CONSTRAINT invoice_line_billing_month_is_a_first CHECK ((date_part('day', billing_month) = 1) IS TRUE)
);
CREATE INDEX invoice_line_invoice_id_idx ON redress.invoice_line (invoice_id, billing_month);
CREATE INDEX invoice_line_run_id_brin ON redress.invoice_line USING brin (run_id);
-- What was given back by release_invoice may be open again, in whatever month it is.
CREATE INDEX invoice_line_released_idx
  ON redress.invoice_line (customer_id, subscription_id, incident_id, billing_month, currency)
  WHERE run_id IS NULL AND amount_minor > 0;
COMMENT ON TABLE redress.invoice_line IS 'The invoice lines that are not the whole of one revision of their run. Read them in the view invoice_adjustment.';
COMMENT ON COLUMN redress.invoice_line.amount_minor IS 'Minor units; negative reduces the invoice, positive gives the credit back.';
COMMENT ON COLUMN redress.invoice_line.run_id IS 'The run that wrote the line; null where the invoicing system did.';
COMMENT ON COLUMN redress.invoice_line.placed_at IS 'When place_on_invoice or release_invoice wrote the line; null where a run did.';
COMMENT ON COLUMN redress.invoice_line.line IS 'Counts the lines of this credit from 1, without gaps, over all invoices.';
COMMENT ON COLUMN redress.invoice_line.billing_month IS 'Key of the credit: billing month, as its first day.';
COMMENT ON COLUMN redress.invoice_line.customer_id IS 'Key of the credit: customer.';
COMMENT ON COLUMN redress.invoice_line.subscription_id IS 'Key of the credit: subscription.';
COMMENT ON COLUMN redress.invoice_line.incident_id IS 'Key of the credit: incident.';
COMMENT ON COLUMN redress.invoice_line.currency IS 'Key of the credit: ISO 4217 code, also the invoice''s currency.';
COMMENT ON COLUMN redress.invoice_line.invoice_id IS 'The invoice that the line is on.';

-- Where no column of the decision is asked for, the server leaves the join out.
CREATE VIEW redress.credit AS
SELECT
  stored.customer_id,
  stored.subscription_id,
  stored.incident_id,
  stored.currency,
  stored.revision,
  stored.percent_bp,
  decision.percent_before_cap_bp,
  stored.lines_through,
  stored.billing_month,
  stored.run_id,
  stored.amount_minor,
  decision.counted_microseconds,
  stored.outage_started_at,
  decision.outage_ended_at,
  decision.tier_longer_than_microseconds,
  decision.clause,
  decision.downtime_microseconds,
  decision.period_microseconds,
  CASE WHEN stored.revision = 1 THEN 'grant' WHEN stored.amount_minor > 0 THEN 'increase' ELSE 'decrease' END AS kind,
  decision.severity,
  stored.monthly_fee,
  stored.month_minor,
  stored.quarter_minor,
  stored.billed_fee,
  decision.policy_version,
  decision.service_id,
  decision.plan,
  stored.customer_name,
  stored.customer_tier,
  decision.time_zone,
  stored.reason,
  stored.terms,
  stored.customer_evidence
FROM redress.credit_revision AS stored
LEFT JOIN redress.decision
  ON decision.run_id = stored.run_id
  AND decision.number = stored.decision;
COMMENT ON VIEW redress.credit IS 'The ledger of credits: signed revisions whose sum is what the customer is entitled to.';
COMMENT ON COLUMN redress.credit.customer_id IS 'Who gets the credit.';
COMMENT ON COLUMN redress.credit.subscription_id IS 'The subscription that the fee was paid for.';
COMMENT ON COLUMN redress.credit.incident_id IS 'The incident that caused it.';
COMMENT ON COLUMN redress.credit.currency IS 'ISO 4217 code of every amount in this row.';
COMMENT ON COLUMN redress.credit.revision IS 'Counts the revisions of this key from 1, without gaps.';
COMMENT ON COLUMN redress.credit.percent_bp IS 'Percentage granted after the cap, in basis points; 0 where all was taken back, null where it is no whole number of basis points.';
COMMENT ON COLUMN redress.credit.percent_before_cap_bp IS 'Percentage of the tier or rule before the cap, in basis points; null where it is no whole number of them.';
COMMENT ON COLUMN redress.credit.lines_through IS 'How many lines of this key invoice_adjustment held when the run had finished; 0 is none. A report made later counts these lines only.';
COMMENT ON COLUMN redress.credit.billing_month IS 'The month that the credit belongs to, as its first day: the month of the first creditable instant in time_zone.';
COMMENT ON COLUMN redress.credit.run_id IS 'The run that appended this revision.';
COMMENT ON COLUMN redress.credit.amount_minor IS 'What this revision adds or takes back, in minor units; positive for grant and increase, negative for decrease.';
COMMENT ON COLUMN redress.credit.counted_microseconds IS 'Time counted at severity or worse, in microseconds.';
COMMENT ON COLUMN redress.credit.outage_started_at IS 'First creditable instant that belongs to the incident for this subscription; null where all was taken back.';
COMMENT ON COLUMN redress.credit.outage_ended_at IS 'End of the last creditable time that belongs to the incident; null where all was taken back.';
COMMENT ON COLUMN redress.credit.tier_longer_than_microseconds IS 'Threshold of the tier that won, in microseconds; counted time was strictly longer.';
COMMENT ON COLUMN redress.credit.clause IS 'The rule that won, with the one step or unit that did, in one line of the policy language; null where a tier won, or no rule pays.';
COMMENT ON COLUMN redress.credit.downtime_microseconds IS 'Of a rule that measures a period: the time down in it of the incidents up to this one, in whole microseconds.';
COMMENT ON COLUMN redress.credit.period_microseconds IS 'Of a rule that measures a period: its length by the calendar, in microseconds.';
COMMENT ON COLUMN redress.credit.kind IS 'grant (the first revision), increase or decrease.';
COMMENT ON COLUMN redress.credit.severity IS 'Severity of the tier that won, P0 to P3.';
COMMENT ON COLUMN redress.credit.monthly_fee IS 'Monthly fee of the term in force at outage_started_at, in major units, exact.';
COMMENT ON COLUMN redress.credit.policy_version IS 'The policy version that decided, in policy_version.';
COMMENT ON COLUMN redress.credit.service_id IS 'Service of the term in force at outage_started_at.';
COMMENT ON COLUMN redress.credit.plan IS 'Plan of the term in force at outage_started_at.';
COMMENT ON COLUMN redress.credit.customer_name IS 'The customer''s name that night.';
COMMENT ON COLUMN redress.credit.customer_tier IS 'The customer''s tier that night, as the source writes it.';
COMMENT ON COLUMN redress.credit.time_zone IS 'The zone that decided billing_month: the customer''s, else the policy''s.';
COMMENT ON COLUMN redress.credit.month_minor IS 'What of the whole entitlement is for a measure of the month, in minor units; null for none.';
COMMENT ON COLUMN redress.credit.quarter_minor IS 'What of the whole entitlement is for a measure of the quarter, in minor units; null for none.';
COMMENT ON COLUMN redress.credit.billed_fee IS 'What the terms are billed for the period, in major units, cut to six decimals, where that is the base; null where monthly_fee is.';
COMMENT ON COLUMN redress.credit.reason IS 'Why a decrease: void, not_earned, moved and the like; null for what speaks for itself.';
COMMENT ON COLUMN redress.credit.terms IS 'The subscription''s terms that night, where one term did not cover the whole outage.';
COMMENT ON COLUMN redress.credit.customer_evidence IS 'SHA-256 of the evidence that concerns this customer alone, in incident_evidence; null where there is none.';

-- The condition is outside, because the server looks into a UNION ALL for an index only where its parts have none.
CREATE VIEW redress.invoice_adjustment AS
SELECT
  line.customer_id,
  line.subscription_id,
  line.incident_id,
  line.currency,
  line.line,
  line.billing_month,
  line.run_id,
  line.placed_at,
  line.invoice_id,
  line.amount_minor
FROM (
  SELECT
    whole.customer_id,
    whole.subscription_id,
    whole.incident_id,
    whole.currency,
    whole.lines_through AS line,
    whole.billing_month,
    whole.run_id,
    NULL::timestamptz AS placed_at,
    whole.invoice_id,
    -whole.amount_minor AS amount_minor
  FROM redress.credit_revision AS whole
  UNION ALL
  SELECT
    other.customer_id,
    other.subscription_id,
    other.incident_id,
    other.currency,
    other.line,
    other.billing_month,
    other.run_id,
    other.placed_at,
    other.invoice_id,
    other.amount_minor
  FROM redress.invoice_line AS other
) AS line
WHERE line.invoice_id IS NOT NULL;
COMMENT ON VIEW redress.invoice_adjustment IS 'Credits on invoices, line by line; a line taken back is a further line with the opposite sign.';
COMMENT ON COLUMN redress.invoice_adjustment.customer_id IS 'Key of the credit: customer.';
COMMENT ON COLUMN redress.invoice_adjustment.subscription_id IS 'Key of the credit: subscription.';
COMMENT ON COLUMN redress.invoice_adjustment.incident_id IS 'Key of the credit: incident.';
COMMENT ON COLUMN redress.invoice_adjustment.currency IS 'Key of the credit: ISO 4217 code, also the invoice''s currency.';
COMMENT ON COLUMN redress.invoice_adjustment.line IS 'Counts the lines of this credit from 1, without gaps, over all invoices.';
COMMENT ON COLUMN redress.invoice_adjustment.billing_month IS 'Key of the credit: billing month, as its first day.';
COMMENT ON COLUMN redress.invoice_adjustment.run_id IS 'The run that wrote the line; null where the invoicing system did.';
COMMENT ON COLUMN redress.invoice_adjustment.placed_at IS 'When place_on_invoice or release_invoice wrote the line; null where a run did.';
COMMENT ON COLUMN redress.invoice_adjustment.invoice_id IS 'The invoice that the line is on.';
COMMENT ON COLUMN redress.invoice_adjustment.amount_minor IS 'Minor units; negative reduces the invoice, positive gives the credit back.';

CREATE TABLE redress.recorded_month (
  incident_id text COLLATE "C" NOT NULL,
  billing_month date NOT NULL,
  first_run_id bigint NOT NULL,
  CONSTRAINT recorded_month_pkey PRIMARY KEY (incident_id, billing_month)
);
CREATE INDEX recorded_month_billing_month_idx ON redress.recorded_month (billing_month);
COMMENT ON TABLE redress.recorded_month IS 'The billing months in which credit has revisions of an incident, so that a night finds what concerns it without reading all of credit.';
COMMENT ON COLUMN redress.recorded_month.incident_id IS 'The incident.';
COMMENT ON COLUMN redress.recorded_month.billing_month IS 'A month with a revision, as its first day.';
COMMENT ON COLUMN redress.recorded_month.first_run_id IS 'The run that appended the first of these revisions.';

CREATE VIEW redress.credited_month AS
SELECT DISTINCT recorded_month.billing_month
FROM redress.recorded_month;
COMMENT ON VIEW redress.credited_month IS 'The billing months that have credits: by them the credits of a customer are found.';
COMMENT ON COLUMN redress.credited_month.billing_month IS 'A month with a revision of any incident, as its first day.';

CREATE TABLE redress.carried_forward (
  customer_id text COLLATE "C" NOT NULL,
  subscription_id text COLLATE "C" NOT NULL,
  incident_id text COLLATE "C" NOT NULL,
  billing_month date NOT NULL,
  currency text COLLATE "C" NOT NULL,
  run_id bigint NOT NULL,
  CONSTRAINT carried_forward_pkey PRIMARY KEY (
    run_id, customer_id, subscription_id, incident_id, billing_month, currency),
  CONSTRAINT carried_forward_billing_month_is_a_first CHECK ((date_part('day', billing_month) = 1) IS TRUE)
);
COMMENT ON TABLE redress.carried_forward IS 'Credits of earlier months that a run left open, overcredited or on a draft invoice. The next run reads these, and of the other credits only those from run.carried_before on.';
COMMENT ON COLUMN redress.carried_forward.customer_id IS 'Key of the credit: customer.';
COMMENT ON COLUMN redress.carried_forward.subscription_id IS 'Key of the credit: subscription.';
COMMENT ON COLUMN redress.carried_forward.incident_id IS 'Key of the credit: incident.';
COMMENT ON COLUMN redress.carried_forward.billing_month IS 'Key of the credit: billing month, as its first day.';
COMMENT ON COLUMN redress.carried_forward.currency IS 'Key of the credit: ISO 4217 code.';
COMMENT ON COLUMN redress.carried_forward.run_id IS 'The run that carried the credit forward.';

CREATE TABLE redress.policy_version (
  version text COLLATE "C" NOT NULL,
  digest bytea NOT NULL,
  content text NOT NULL,
  effective_from date NOT NULL,
  time_zone text COLLATE "C" NOT NULL,
  first_run_id bigint NOT NULL,
  CONSTRAINT policy_version_pkey PRIMARY KEY (version),
  CONSTRAINT policy_version_digest_is_sha256 CHECK (octet_length(digest) = 32)
);
COMMENT ON TABLE redress.policy_version IS 'Every policy version that a run has used, whole. Frozen: the same version with other content is refused.';
COMMENT ON COLUMN redress.policy_version.version IS 'The version''s name in the policy file.';
COMMENT ON COLUMN redress.policy_version.digest IS 'SHA-256 of content, in UTF-8.';
COMMENT ON COLUMN redress.policy_version.content IS 'The version in canonical form, with everything that it inherits written out.';
COMMENT ON COLUMN redress.policy_version.effective_from IS 'In force from midnight of this day in time_zone.';
COMMENT ON COLUMN redress.policy_version.time_zone IS 'IANA name; also the zone of customers who have none.';
COMMENT ON COLUMN redress.policy_version.first_run_id IS 'The first run that used the version.';

CREATE TABLE redress.incident_evidence (
  customer_id text COLLATE "C" NOT NULL,
  digest bytea NOT NULL,
  content text NOT NULL,
  CONSTRAINT incident_evidence_pkey PRIMARY KEY (customer_id, digest),
  CONSTRAINT incident_evidence_digest_is_sha256 CHECK (octet_length(digest) = 32)
);
COMMENT ON TABLE redress.incident_evidence IS 'Incidents, outage windows and exclusions as a run saw them, stored once for each content.';
COMMENT ON COLUMN redress.incident_evidence.customer_id IS 'The customer whom the rows concern; empty for what all customers share.';
COMMENT ON COLUMN redress.incident_evidence.digest IS 'SHA-256 of content, in UTF-8.';
COMMENT ON COLUMN redress.incident_evidence.content IS 'The frozen source rows.';

CREATE TABLE redress.finding (
  run_id bigint NOT NULL,
  ordinal integer NOT NULL,
  code text COLLATE "C" NOT NULL,
  relation text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  problem text NOT NULL,
  remedy text NOT NULL,
  CONSTRAINT finding_pkey PRIMARY KEY (run_id, ordinal),
  CONSTRAINT finding_ordinal_from_one CHECK (ordinal >= 1)
);
COMMENT ON TABLE redress.finding IS 'What a run found wrong in its source, or wants a person to look at.';
COMMENT ON COLUMN redress.finding.run_id IS 'The run that found it.';
COMMENT ON COLUMN redress.finding.ordinal IS 'Counts the findings of the run from 1, in the order of its report.';
COMMENT ON COLUMN redress.finding.code IS 'What kind: unknown_customer, reversed_window and the like.';
COMMENT ON COLUMN redress.finding.relation IS 'The relation that the row is in, without its schema.';
COMMENT ON COLUMN redress.finding.key IS 'The row''s key, its parts joined with '' / '' where there are several.';
COMMENT ON COLUMN redress.finding.problem IS 'What is wrong, with the values seen.';
COMMENT ON COLUMN redress.finding.remedy IS 'What to do about it.';

-- A run in parts (`redress run --jobs`) has several writers, and several transactions do not commit as one. So each part
-- writes here, and the run's own transaction moves all of it into the ledger. What a run that did not come to its end has
-- left here is nothing that anybody counts: the next run removes it. A crash of the server empties these tables, and ends
-- the run whose rows they are.

CREATE UNLOGGED TABLE redress.staged_credit_revision (
  LIKE redress.credit_revision INCLUDING COMMENTS,
  part xid8 NOT NULL DEFAULT pg_current_xact_id()
);
COMMENT ON TABLE redress.staged_credit_revision IS 'Revisions of a run that goes on, by part. decision is the number that the part gave.';
COMMENT ON COLUMN redress.staged_credit_revision.part IS 'The transaction of the part that wrote the row.';

CREATE UNLOGGED TABLE redress.staged_decision (
  LIKE redress.decision INCLUDING COMMENTS,
  part xid8 NOT NULL DEFAULT pg_current_xact_id()
);
COMMENT ON TABLE redress.staged_decision IS 'Decisions of a run that goes on, by part. number is the number that the part gave.';
COMMENT ON COLUMN redress.staged_decision.part IS 'The transaction of the part that wrote the row.';

CREATE UNLOGGED TABLE redress.staged_invoice_line (
  LIKE redress.invoice_line INCLUDING COMMENTS,
  part xid8 NOT NULL DEFAULT pg_current_xact_id()
);
COMMENT ON TABLE redress.staged_invoice_line IS 'Invoice lines of a run that goes on, by part.';
COMMENT ON COLUMN redress.staged_invoice_line.part IS 'The transaction of the part that wrote the row.';

CREATE UNLOGGED TABLE redress.staged_carried_forward (
  LIKE redress.carried_forward INCLUDING COMMENTS,
  part xid8 NOT NULL DEFAULT pg_current_xact_id()
);
COMMENT ON TABLE redress.staged_carried_forward IS 'What the parts of a run that goes on carry forward.';
COMMENT ON COLUMN redress.staged_carried_forward.part IS 'The transaction of the part that wrote the row.';

CREATE UNLOGGED TABLE redress.staged_evidence (
  LIKE redress.incident_evidence INCLUDING COMMENTS,
  part xid8 NOT NULL DEFAULT pg_current_xact_id()
);
COMMENT ON TABLE redress.staged_evidence IS 'Frozen source rows of single customers of a run that goes on, by part.';
COMMENT ON COLUMN redress.staged_evidence.part IS 'The transaction of the part that wrote the row.';

-- ISO 4217, list one: the active codes that have a minor unit. The program holds the same list.
CREATE FUNCTION redress.currency_decimals(currency text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT CASE
    WHEN currency IN ('EUR', 'GBP', 'USD') THEN 2
    WHEN currency IN (
      'BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF',
      'XPF') THEN 0
    WHEN currency IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') THEN 3
    WHEN currency IN ('CLF', 'UYW') THEN 4
    WHEN currency IN (
      'AED', 'AFN', 'ALL', 'AMD', 'ANG', 'AOA', 'ARS', 'AUD', 'AWG', 'AZN', 'BAM', 'BBD', 'BDT', 'BGN', 'BMD', 'BND',
      'BOB', 'BOV', 'BRL', 'BSD', 'BTN', 'BWP', 'BYN', 'BZD', 'CAD', 'CDF', 'CHE', 'CHF', 'CHW', 'CNY', 'COP', 'COU',
      'CRC', 'CUP', 'CVE', 'CZK', 'DKK', 'DOP', 'DZD', 'EGP', 'ERN', 'ETB', 'FJD', 'FKP', 'GEL', 'GHS', 'GIP', 'GMD',
      'GTQ', 'GYD', 'HKD', 'HNL', 'HTG', 'HUF', 'IDR', 'ILS', 'INR', 'IRR', 'JMD', 'KES', 'KGS', 'KHR', 'KPW', 'KYD',
      'KZT', 'LAK', 'LBP', 'LKR', 'LRD', 'LSL', 'MAD', 'MDL', 'MGA', 'MKD', 'MMK', 'MNT', 'MOP', 'MRU', 'MUR', 'MVR',
      'MWK', 'MXN', 'MXV', 'MYR', 'MZN', 'NAD', 'NGN', 'NIO', 'NOK', 'NPR', 'NZD', 'PAB', 'PEN', 'PGK', 'PHP', 'PKR',
      'PLN', 'QAR', 'RON', 'RSD', 'RUB', 'SAR', 'SBD', 'SCR', 'SDG', 'SEK', 'SGD', 'SHP', 'SLE', 'SOS', 'SRD', 'SSP',
      'STN', 'SVC', 'SYP', 'SZL', 'THB', 'TJS', 'TMT', 'TOP', 'TRY', 'TTD', 'TWD', 'TZS', 'UAH', 'USN', 'UYU', 'UZS',
      'VED', 'VES', 'WST', 'XAD', 'XCD', 'XCG', 'YER', 'ZAR', 'ZMW', 'ZWG') THEN 2
  END
$$;
COMMENT ON FUNCTION redress.currency_decimals(text) IS
  'Decimals of a currency''s minor unit: JPY 0, USD 2, KWD 3; null where ISO 4217 has no such currency or it has no minor unit.';

-- Parameters are written once each at the most in an arm, so that the planner puts the expression in place of the call.
CREATE FUNCTION redress.major_units(amount_minor bigint, currency text) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT amount_minor * CASE redress.currency_decimals(currency)
    WHEN 0 THEN 1
    WHEN 2 THEN 0.01
    WHEN 3 THEN 0.001
    WHEN 4 THEN 0.0001
  END
$$;
COMMENT ON FUNCTION redress.major_units(bigint, text) IS
  'An amount of minor units in major units, with exactly the currency''s decimals: 1050 USD is 10.50.';

-- The running sum beside the newest revision is the whole sum. The key is what both sides are partitioned by, so a
-- condition on customer_id reaches both of them, and month by month the indexes.
CREATE VIEW redress.entitlement AS
SELECT
  recorded.customer_id,
  recorded.subscription_id,
  recorded.incident_id,
  recorded.currency,
  recorded.amount_minor,
  redress.major_units(recorded.amount_minor, recorded.currency) AS amount,
  COALESCE(placed.placed_minor, 0::bigint) AS placed_minor,
  recorded.amount_minor - COALESCE(placed.placed_minor, 0::bigint) AS open_minor,
  recorded.revision,
  recorded.billing_month,
  decision.severity,
  recorded.percent_bp,
  decision.counted_microseconds,
  recorded.outage_started_at,
  decision.outage_ended_at,
  decision.policy_version,
  recorded.run_id
FROM (
  SELECT
    stored.customer_id,
    stored.subscription_id,
    stored.incident_id,
    stored.currency,
    stored.revision,
    stored.billing_month,
    stored.run_id,
    stored.decision,
    stored.percent_bp,
    stored.outage_started_at,
    (sum(stored.amount_minor) OVER by_revision)::bigint AS amount_minor,
    lead(stored.revision) OVER by_revision AS next_revision
  FROM redress.credited_month AS month
  JOIN redress.credit_revision AS stored ON stored.billing_month = month.billing_month
  WINDOW by_revision AS (
    PARTITION BY
      stored.billing_month, stored.customer_id, stored.subscription_id, stored.incident_id, stored.currency
    ORDER BY stored.revision
    ROWS UNBOUNDED PRECEDING)
) AS recorded
LEFT JOIN redress.decision
  ON decision.run_id = recorded.run_id
  AND decision.number = recorded.decision
LEFT JOIN (
  SELECT
    line.customer_id,
    line.subscription_id,
    line.incident_id,
    line.billing_month,
    line.currency,
    (-sum(line.amount_minor))::bigint AS placed_minor
  FROM redress.credited_month AS month
  JOIN redress.invoice_adjustment AS line ON line.billing_month = month.billing_month
  GROUP BY line.billing_month, line.customer_id, line.subscription_id, line.incident_id, line.currency
) AS placed
  ON placed.customer_id = recorded.customer_id
  AND placed.subscription_id = recorded.subscription_id
  AND placed.incident_id = recorded.incident_id
  AND placed.billing_month = recorded.billing_month
  AND placed.currency = recorded.currency
WHERE recorded.next_revision IS NULL;
COMMENT ON VIEW redress.entitlement IS 'What each customer is entitled to, one row for each credit, with what of it is on invoices.';
COMMENT ON COLUMN redress.entitlement.customer_id IS 'Key of the credit: customer.';
COMMENT ON COLUMN redress.entitlement.subscription_id IS 'Key of the credit: subscription.';
COMMENT ON COLUMN redress.entitlement.incident_id IS 'Key of the credit: incident.';
COMMENT ON COLUMN redress.entitlement.currency IS 'Key of the credit: ISO 4217 code.';
COMMENT ON COLUMN redress.entitlement.amount_minor IS 'Sum of the revisions, in minor units; 0 where all was taken back.';
COMMENT ON COLUMN redress.entitlement.amount IS 'The same in major units, with the currency''s decimals.';
COMMENT ON COLUMN redress.entitlement.placed_minor IS 'What invoices carry of it, in minor units, positive.';
COMMENT ON COLUMN redress.entitlement.open_minor IS 'amount_minor - placed_minor; negative where an invoice carries too much.';
COMMENT ON COLUMN redress.entitlement.revision IS 'Number of the newest revision.';
COMMENT ON COLUMN redress.entitlement.billing_month IS 'Key of the credit: the month that it belongs to, as its first day.';
COMMENT ON COLUMN redress.entitlement.severity IS 'Of the newest revision: severity of the tier that won.';
COMMENT ON COLUMN redress.entitlement.percent_bp IS 'Of the newest revision: percentage granted, in basis points.';
COMMENT ON COLUMN redress.entitlement.counted_microseconds IS 'Of the newest revision: counted time, in microseconds.';
COMMENT ON COLUMN redress.entitlement.outage_started_at IS 'Of the newest revision: first creditable instant.';
COMMENT ON COLUMN redress.entitlement.outage_ended_at IS 'Of the newest revision: end of the last creditable time.';
COMMENT ON COLUMN redress.entitlement.policy_version IS 'Of the newest revision: the policy version that decided.';
COMMENT ON COLUMN redress.entitlement.run_id IS 'Of the newest revision: the run that appended it.';

CREATE VIEW redress.open_credit AS
SELECT
  entitlement.customer_id,
  entitlement.currency,
  sum(entitlement.open_minor)::bigint AS open_minor,
  redress.major_units(sum(entitlement.open_minor)::bigint, entitlement.currency) AS amount,
  count(*) AS credits
FROM redress.entitlement
WHERE entitlement.open_minor > 0
GROUP BY entitlement.customer_id, entitlement.currency;
COMMENT ON VIEW redress.open_credit IS 'What the next invoice will get, by customer and currency, if it is large enough.';
COMMENT ON COLUMN redress.open_credit.customer_id IS 'The customer.';
COMMENT ON COLUMN redress.open_credit.currency IS 'ISO 4217 code; an invoice takes credits of its own currency only.';
COMMENT ON COLUMN redress.open_credit.open_minor IS 'Sum of what is open of each credit, in minor units; more than 0.';
COMMENT ON COLUMN redress.open_credit.amount IS 'The same in major units, with the currency''s decimals.';
COMMENT ON COLUMN redress.open_credit.credits IS 'How many credits are open.';
