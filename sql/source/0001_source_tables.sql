-- Plain source tables, for operators who keep this data nowhere else. Others create views of these names instead.
--
-- Loose on purpose. The program checks the data itself, parks what is wrong and says what to do; a constraint here would
-- only move the error to where nobody reads it. For that reason subscription_term has no key: two terms that begin
-- together are a mistake to be reported. What is a customer's has a key that begins with customer_id, so that it can be
-- distributed by customer; an invoice id that two customers have is a mistake to be reported too.

CREATE TABLE redress_source.customer (
  customer_id text COLLATE "C" NOT NULL,
  name text NOT NULL,
  tier text NOT NULL,
  time_zone text,
  email text,
  CONSTRAINT customer_pkey PRIMARY KEY (customer_id)
);
COMMENT ON TABLE redress_source.customer IS 'Who buys subscriptions.';
COMMENT ON COLUMN redress_source.customer.customer_id IS 'The customer''s id, compared as bytes.';
COMMENT ON COLUMN redress_source.customer.name IS 'What the customer is called in reports and messages.';
COMMENT ON COLUMN redress_source.customer.tier IS 'Free text; enterprise in any case is the Enterprise tier.';
COMMENT ON COLUMN redress_source.customer.time_zone IS 'IANA name of the zone that decides billing months; null: the policy''s.';
COMMENT ON COLUMN redress_source.customer.email IS 'Where messages go.';

CREATE TABLE redress_source.service (
  service_id text COLLATE "C" NOT NULL,
  name text NOT NULL,
  CONSTRAINT service_pkey PRIMARY KEY (service_id)
);
COMMENT ON TABLE redress_source.service IS 'What is sold and can be out of order.';
COMMENT ON COLUMN redress_source.service.service_id IS 'The service''s id.';
COMMENT ON COLUMN redress_source.service.name IS 'What the service is called in reports and messages.';

CREATE TABLE redress_source.subscription_term (
  subscription_id text COLLATE "C" NOT NULL,
  customer_id text COLLATE "C" NOT NULL,
  service_id text COLLATE "C" NOT NULL,
  plan text COLLATE "C" NOT NULL,
  monthly_fee numeric NOT NULL,
  currency text COLLATE "C" NOT NULL,
  valid_from timestamptz NOT NULL,
  valid_to timestamptz
);
CREATE INDEX subscription_term_customer_id_subscription_id_valid_from_idx
  ON redress_source.subscription_term (customer_id, subscription_id, valid_from);
CREATE INDEX subscription_term_subscription_id_customer_id_idx
  ON redress_source.subscription_term (subscription_id, customer_id);
COMMENT ON TABLE redress_source.subscription_term IS 'Subscriptions, one row for each stretch of time with one plan and fee.';
COMMENT ON COLUMN redress_source.subscription_term.subscription_id IS 'The subscription''s id, the same for all its terms.';
COMMENT ON COLUMN redress_source.subscription_term.customer_id IS 'Who pays.';
COMMENT ON COLUMN redress_source.subscription_term.service_id IS 'What is paid for.';
COMMENT ON COLUMN redress_source.subscription_term.plan IS 'The plan''s name, as the policy file writes it.';
COMMENT ON COLUMN redress_source.subscription_term.monthly_fee IS 'The fee of a whole month, in major units, up to six decimals.';
COMMENT ON COLUMN redress_source.subscription_term.currency IS 'ISO 4217 code of the fee.';
COMMENT ON COLUMN redress_source.subscription_term.valid_from IS 'First instant of the term.';
COMMENT ON COLUMN redress_source.subscription_term.valid_to IS 'First instant after the term; null while it goes on.';

CREATE TABLE redress_source.incident (
  incident_id text COLLATE "C" NOT NULL,
  title text NOT NULL,
  severity text COLLATE "C" NOT NULL,
  status text COLLATE "C" NOT NULL,
  started_at timestamptz NOT NULL,
  acknowledged_at timestamptz,
  resolved_at timestamptz,
  root_cause text,
  widespread boolean NOT NULL DEFAULT false,
  security boolean NOT NULL DEFAULT false,
  revenue_impact boolean NOT NULL DEFAULT false,
  CONSTRAINT incident_pkey PRIMARY KEY (incident_id)
);
COMMENT ON TABLE redress_source.incident IS 'What went wrong, whatever it touched.';
COMMENT ON COLUMN redress_source.incident.incident_id IS 'The incident''s id.';
COMMENT ON COLUMN redress_source.incident.title IS 'What the incident is called in reports and messages.';
COMMENT ON COLUMN redress_source.incident.severity IS 'P0 to P3, the severity it has now.';
COMMENT ON COLUMN redress_source.incident.status IS 'open, resolved or void.';
COMMENT ON COLUMN redress_source.incident.started_at IS 'When it began.';
COMMENT ON COLUMN redress_source.incident.acknowledged_at IS 'When somebody took it up; null while nobody has.';
COMMENT ON COLUMN redress_source.incident.resolved_at IS 'When it was over; null while it is not.';
COMMENT ON COLUMN redress_source.incident.root_cause IS 'What caused it, as customers are told.';
COMMENT ON COLUMN redress_source.incident.widespread IS 'Whether it is widespread, so that social media are a channel.';
COMMENT ON COLUMN redress_source.incident.security IS 'Whether it has security implications.';
COMMENT ON COLUMN redress_source.incident.revenue_impact IS 'Whether customers lost revenue by it.';

CREATE TABLE redress_source.outage (
  incident_id text COLLATE "C" NOT NULL,
  severity text COLLATE "C" NOT NULL,
  service_id text COLLATE "C",
  customer_id text COLLATE "C",
  started_at timestamptz NOT NULL,
  ended_at timestamptz
);
CREATE INDEX outage_incident_id_idx ON redress_source.outage (incident_id);
CREATE INDEX outage_customer_id_idx ON redress_source.outage (customer_id)
  WHERE customer_id IS NOT NULL;
COMMENT ON TABLE redress_source.outage IS 'Stretches of time in which an incident touched a scope at a severity.';
COMMENT ON COLUMN redress_source.outage.incident_id IS 'The incident.';
COMMENT ON COLUMN redress_source.outage.severity IS 'P0 to P3, in this stretch.';
COMMENT ON COLUMN redress_source.outage.service_id IS 'The service touched; null: all.';
COMMENT ON COLUMN redress_source.outage.customer_id IS 'The customer touched; null: all.';
COMMENT ON COLUMN redress_source.outage.started_at IS 'First instant.';
COMMENT ON COLUMN redress_source.outage.ended_at IS 'First instant after it; null while it goes on.';

CREATE TABLE redress_source.claim (
  customer_id text COLLATE "C" NOT NULL,
  incident_id text COLLATE "C",
  billing_month date,
  claimed_at timestamptz NOT NULL
);
CREATE INDEX claim_customer_id_claimed_at_idx ON redress_source.claim (customer_id, claimed_at);
COMMENT ON TABLE redress_source.claim IS 'What customers ask credits for. Only policies that speak of claims read it.';
COMMENT ON COLUMN redress_source.claim.customer_id IS 'Who asks.';
COMMENT ON COLUMN redress_source.claim.incident_id IS 'The incident that is claimed for; null: a whole month.';
COMMENT ON COLUMN redress_source.claim.billing_month IS 'First day of the month that is claimed for; null where an incident is.';
COMMENT ON COLUMN redress_source.claim.claimed_at IS 'When the claim arrived.';

CREATE TABLE redress_source.exclusion (
  exclusion_id text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  service_id text COLLATE "C",
  customer_id text COLLATE "C",
  started_at timestamptz NOT NULL,
  ended_at timestamptz NOT NULL,
  announced_at timestamptz,
  CONSTRAINT exclusion_pkey PRIMARY KEY (exclusion_id)
);
CREATE INDEX exclusion_customer_id_idx ON redress_source.exclusion (customer_id)
  WHERE customer_id IS NOT NULL;
COMMENT ON TABLE redress_source.exclusion IS 'Time that does not count.';
COMMENT ON COLUMN redress_source.exclusion.exclusion_id IS 'The exclusion''s id.';
COMMENT ON COLUMN redress_source.exclusion.kind IS 'scheduled_maintenance, customer_fault or force_majeure.';
COMMENT ON COLUMN redress_source.exclusion.service_id IS 'The service it is for; null: all.';
COMMENT ON COLUMN redress_source.exclusion.customer_id IS 'The customer it is for; null: all.';
COMMENT ON COLUMN redress_source.exclusion.started_at IS 'First instant.';
COMMENT ON COLUMN redress_source.exclusion.ended_at IS 'First instant after it.';
COMMENT ON COLUMN redress_source.exclusion.announced_at IS 'When customers were told; null: never.';

CREATE TABLE redress_source.invoice (
  invoice_id text COLLATE "C" NOT NULL,
  customer_id text COLLATE "C" NOT NULL,
  currency text COLLATE "C" NOT NULL,
  status text COLLATE "C" NOT NULL,
  issue_on date NOT NULL,
  amount_due numeric NOT NULL,
  CONSTRAINT invoice_pkey PRIMARY KEY (customer_id, invoice_id)
);
-- What a night reads of the invoices, however many of them are finalized.
CREATE INDEX invoice_unfinished_idx
  ON redress_source.invoice (customer_id, issue_on, invoice_id)
  WHERE status COLLATE "C" IS DISTINCT FROM 'finalized';
CREATE INDEX invoice_invoice_id_idx ON redress_source.invoice (invoice_id);
COMMENT ON TABLE redress_source.invoice IS 'Invoices that credits can be placed on, and those that carry some.';
COMMENT ON COLUMN redress_source.invoice.invoice_id IS 'The invoice''s id.';
COMMENT ON COLUMN redress_source.invoice.customer_id IS 'Who pays it.';
COMMENT ON COLUMN redress_source.invoice.currency IS 'ISO 4217 code of amount_due.';
COMMENT ON COLUMN redress_source.invoice.status IS 'draft, finalized or void.';
COMMENT ON COLUMN redress_source.invoice.issue_on IS 'The day on which it goes out.';
COMMENT ON COLUMN redress_source.invoice.amount_due IS 'Major units, before any credit of ours.';

CREATE TABLE redress_source.incident_event (
  incident_id text COLLATE "C" NOT NULL,
  occurred_at timestamptz NOT NULL,
  kind text COLLATE "C" NOT NULL,
  customer_id text COLLATE "C",
  level integer,
  note text
);
CREATE INDEX incident_event_incident_id_occurred_at_idx
  ON redress_source.incident_event (incident_id, occurred_at);
COMMENT ON TABLE redress_source.incident_event IS 'What was done about an incident.';
COMMENT ON COLUMN redress_source.incident_event.incident_id IS 'The incident.';
COMMENT ON COLUMN redress_source.incident_event.occurred_at IS 'When it was done.';
COMMENT ON COLUMN redress_source.incident_event.kind IS 'response_team_assembled, root_cause_investigation, status_page_update, customer_notified, in_app_banner, social_media, escalated, post_mortem_requested or post_mortem_shared.';
COMMENT ON COLUMN redress_source.incident_event.customer_id IS 'The customer concerned, where it is one.';
COMMENT ON COLUMN redress_source.incident_event.level IS 'The level reached, of an escalation.';
COMMENT ON COLUMN redress_source.incident_event.note IS 'Free text.';

CREATE TABLE redress_source.post_mortem (
  incident_id text COLLATE "C" NOT NULL,
  completed_at timestamptz,
  CONSTRAINT post_mortem_pkey PRIMARY KEY (incident_id)
);
COMMENT ON TABLE redress_source.post_mortem IS 'Post-mortems, begun or completed.';
COMMENT ON COLUMN redress_source.post_mortem.incident_id IS 'The incident.';
COMMENT ON COLUMN redress_source.post_mortem.completed_at IS 'When it was completed; null while it is not.';

CREATE TABLE redress_source.action_item (
  incident_id text COLLATE "C" NOT NULL,
  title text NOT NULL,
  completed_at timestamptz
);
CREATE INDEX action_item_incident_id_idx ON redress_source.action_item (incident_id);
COMMENT ON TABLE redress_source.action_item IS 'What a post-mortem decided to do.';
COMMENT ON COLUMN redress_source.action_item.incident_id IS 'The incident.';
COMMENT ON COLUMN redress_source.action_item.title IS 'What is to be done.';
COMMENT ON COLUMN redress_source.action_item.completed_at IS 'When it was done; null while it is not.';

GRANT USAGE ON SCHEMA redress_source TO redress_job;
GRANT SELECT ON ALL TABLES IN SCHEMA redress_source TO redress_job;
