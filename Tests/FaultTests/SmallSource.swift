import ServiceCredits

/// A small source: a run has a few hundred messages, with rows for every stream and table.
enum SmallSource {
  static let asOf = "2026-11-02T04:30:00Z"
  static let asOfInstant = Instant(microseconds: 1_793_593_800_000_000)

  /// The source of the first night.
  static let firstNight = """
    INSERT INTO redress_source.customer (customer_id, name, tier, time_zone) VALUES
      ('c1', 'Acme', 'enterprise', 'America/New_York'), ('c2', 'Bolt', 'starter', NULL),
      ('c3', 'Crane', 'starter', 'Asia/Tokyo'), ('c4', 'Dune', 'growth', NULL);
    INSERT INTO redress_source.service VALUES ('mail', 'Mail'), ('api', 'API');
    INSERT INTO redress_source.subscription_term VALUES
      ('s1', 'c1', 'mail', 'gold', 1000, 'USD', '2025-01-01', NULL),
      ('s2', 'c1', 'api', 'gold', 250.5, 'USD', '2025-01-01', '2026-10-20'),
      ('s3', 'c2', 'mail', 'basic', 80, 'EUR', '2025-01-01', NULL),
      ('s4', 'c3', 'mail', 'basic', 9000, 'JPY', '2025-01-01', NULL),
      ('s5', 'c4', 'mail', 'basic', 12.345, 'KWD', '2025-01-01', NULL),
      ('s6', 'c4', 'nowhere', 'basic', 5, 'USD', '2025-01-01', NULL);
    INSERT INTO redress_source.incident (incident_id, title, severity, status, started_at, resolved_at) VALUES
      ('i1', 'Mail is down', 'P0', 'resolved', '2026-10-05 08:00+00', '2026-10-05 13:30+00'),
      ('i2', 'API is slow', 'P1', 'resolved', '2026-10-12 08:00+00', '2026-10-12 14:00+00'),
      ('i3', 'Mail again', 'P0', 'open', '2026-10-28 08:00+00', NULL);
    INSERT INTO redress_source.outage VALUES
      ('i1', 'P0', 'mail', NULL, '2026-10-05 08:00+00', '2026-10-05 13:30+00'),
      ('i2', 'P1', 'api', 'c1', '2026-10-12 08:00+00', '2026-10-12 14:00+00'),
      ('i3', 'P0', 'mail', NULL, '2026-10-28 08:00+00', '2026-10-28 10:00+00');
    INSERT INTO redress_source.exclusion VALUES
      ('x1', 'customer_fault', 'mail', 'c3', '2026-10-05 08:00+00', '2026-10-05 10:00+00', NULL);
    INSERT INTO redress_source.invoice VALUES
      ('n1', 'c1', 'USD', 'draft', '2026-11-01', 260), ('n2', 'c1', 'USD', 'draft', '2026-12-01', 1000),
      ('n3', 'c2', 'EUR', 'draft', '2026-11-01', 500), ('n4', 'c3', 'JPY', 'draft', '2026-11-01', 500);
    """

  /// Changes before the second night: one outage gets shorter, one incident is resolved, one is
  /// void, an invoice is voided.
  static let amendment = """
    UPDATE redress_source.incident SET status = 'resolved', resolved_at = '2026-10-28 10:00+00'
     WHERE incident_id = 'i3';
    UPDATE redress_source.incident SET status = 'void' WHERE incident_id = 'i2';
    UPDATE redress_source.outage SET ended_at = '2026-10-05 11:00+00' WHERE incident_id = 'i1';
    UPDATE redress_source.invoice SET status = 'void' WHERE invoice_id = 'n3';
    """

  static let ledger = [
    "run", "credit_revision", "decision", "invoice_line", "recorded_month", "carried_forward",
    "finding", "policy_version", "policy_file", "incident_evidence", "run_digest", "visible_run",
    "approval", "proposal",
  ]
}
