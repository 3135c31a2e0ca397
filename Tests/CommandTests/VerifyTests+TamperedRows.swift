/// Changes of credits, of the decisions behind them and of invoice lines.
extension VerifyTests {
  /// The row of `decision` that the first revision of ``raised`` refers to.
  private static let decided = """
    (run_id, number) IN (
      SELECT run_id, decision FROM redress.credit_revision WHERE \(raised) AND revision = 1)
    """
  private static let linesChanged = "run 1: the run's invoice lines are not the ones that it wrote"

  /// A changed column of ``decided``.
  private static func decision(_ column: String, _ value: String, _ found: String) -> Tampering {
    Tampering(
      name: "changed \(column) of a decision", hasFiles: false,
      statements: ["UPDATE redress.decision SET \(column) = \(value) WHERE \(decided)"],
      finds: [found, creditsChanged])
  }

  static let creditTamperings: [Tampering] = [
    Tampering(
      name: "changed amount",
      statements: [
        "UPDATE redress.credit_revision SET amount_minor = 15001 WHERE \(raised) AND revision = 2"
      ],
      finds: ["credit \(raisedName) / 2: amount_minor is 15001 and should be 15000"]),
    Tampering(
      name: "changed amount of an earlier revision",
      statements: [
        "UPDATE redress.credit_revision SET amount_minor = 9999 WHERE \(raised) AND revision = 1"
      ],
      finds: ["credit \(raisedName) / 1: amount_minor is 9999 and should be 10000"]),
    Tampering(
      name: "two amounts changed so that their sum stays",
      statements: [
        "UPDATE redress.credit_revision SET amount_minor = 5000 WHERE \(raised) AND revision = 1",
        "UPDATE redress.credit_revision SET amount_minor = 20000 WHERE \(raised) AND revision = 2",
      ],
      finds: ["credit \(raisedName) / 1: amount_minor is 5000 and should be 10000"]),
    Tampering(
      name: "amount, percent and tier changed together",
      statements: [
        """
        UPDATE redress.credit_revision SET amount_minor = 50000, percent_bp = 5000
        WHERE \(raised) AND revision = 1
        """,
        "UPDATE redress.decision SET percent_before_cap_bp = 5000 WHERE \(decided)",
      ],
      finds: ["credit \(raisedName) / 1: percent_bp is 5000 and should be 1000"]),
    Tampering(
      name: "changed fee",
      statements: [
        "UPDATE redress.credit_revision SET monthly_fee = 2000 WHERE \(raised) AND revision = 2"
      ],
      finds: ["credit \(raisedName) / 2: amount_minor is 15000 and should be 40000"]),
    Tampering(
      name: "changed month",
      statements: [
        """
        UPDATE redress.credit_revision SET billing_month = '2026-09-01'
        WHERE \(raised) AND revision = 1
        """
      ],
      finds: [
        "credit c / s1 / i1 / 2026-09 / USD / 1: billing_month is 2026-09 and should be 2026-10",
        "credit \(raisedName) / 2: revision is 2 where 1 should follow",
      ]),
    Tampering(
      name: "changed time of the outage",
      statements: [
        """
        UPDATE redress.decision SET outage_ended_at = outage_ended_at + interval '1 microsecond'
        WHERE \(decided)
        """
      ],
      finds: ["outage_ended_at is 2026-10-05T02:00:00.000001Z and should be 2026-10-05T02:00:00Z"]),
    // A basis that is told nowhere else is only found by the checksum.
    Tampering(
      name: "changed percent", hasFiles: false,
      statements: [
        "UPDATE redress.credit_revision SET percent_bp = 900 WHERE \(raised) AND revision = 1"
      ],
      finds: ["credit \(raisedName) / 1: percent_bp is 900 and should be 1000", creditsChanged]),
    Tampering(
      name: "changed beginning of the outage", hasFiles: false,
      statements: [
        """
        UPDATE redress.credit_revision SET outage_started_at = outage_started_at + interval '1 microsecond'
        WHERE \(raised) AND revision = 1
        """
      ],
      finds: [
        "outage_started_at is 2026-10-05T00:00:00.000001Z and should be 2026-10-05T00:00:00Z",
        creditsChanged,
      ]),
    decision(
      "percent_before_cap_bp", "1100",
      "credit \(raisedName) / 1: percent_before_cap_bp is 1100 and should be 1000"),
    decision(
      "counted_microseconds", "counted_microseconds + 1",
      "credit \(raisedName) / 1: counted_microseconds is 7200000001 and should be 7200000000"),
    decision(
      "tier_longer_than_microseconds", "3600000001",
      "tier_longer_than_microseconds is 3600000001 and should be 3600000000"),
    decision("severity", "'P1'", "credit \(raisedName) / 1: severity is P1 and should be P0"),
    decision(
      "policy_version", "'other'", "credit \(raisedName) / 1: there is no policy version other"),
    decision("service_id", "'other'", creditsChanged),
    decision("plan", "'other'", creditsChanged),
    decision(
      "time_zone", "'UTCx'", "credit \(raisedName) / 1: time_zone is UTCx and should be UTC"),
    decision(
      "number", "1000", "credit \(raisedName) / 1: the decision that it refers to is not there"),
    decision(
      "run_id", "9", "credit \(raisedName) / 1: the decision that it refers to is not there"),
    Tampering(
      name: "deleted decision", hasFiles: false,
      statements: ["DELETE FROM redress.decision WHERE \(decided)"],
      finds: [
        "credit \(raisedName) / 1: the decision that it refers to is not there", creditsChanged,
      ]),
    Tampering(
      name: "decision of another incident", hasFiles: false,
      statements: [
        """
        UPDATE redress.credit_revision
        SET decision = (
          SELECT decision FROM redress.credit_revision WHERE \(voided) AND revision = 1)
        WHERE \(raised) AND revision = 1
        """
      ],
      finds: [
        "outage_ended_at is 2026-10-06T02:00:00Z and should be 2026-10-05T02:00:00Z",
        creditsChanged,
      ]),
    Tampering(
      name: "decision that is not there", hasFiles: false,
      statements: [
        "UPDATE redress.credit_revision SET decision = 1000 WHERE \(raised) AND revision = 1"
      ],
      finds: [
        "credit \(raisedName) / 1: the decision that it refers to is not there", creditsChanged,
      ]),
    Tampering(
      name: "missing first revision",
      statements: ["DELETE FROM redress.credit_revision WHERE \(raised) AND revision = 1"],
      finds: [
        "credit \(raisedName) / 2: revision is 2 where 1 should follow",
        "run 1: the run recorded 5 revisions, and there are 4",
        "run 1: the run recorded 3 invoice_lines, and there are 2",
      ]),
    Tampering(
      name: "missing last revision",
      statements: ["DELETE FROM redress.credit_revision WHERE \(raised) AND revision = 2"],
      finds: ["run 2: the run recorded 5 revisions, and there are 4"]),
    Tampering(
      name: "missing credit",
      statements: ["DELETE FROM redress.credit_revision WHERE \(raised)"],
      finds: [
        "run 1: the run recorded 5 revisions, and there are 4",
        "run 1: the run recorded 3 invoice_lines, and there are 2",
      ]),
    Tampering(
      name: "added credit in the place of another",
      statements: [
        "UPDATE redress.credit_revision SET subscription_id = 's3' WHERE \(voided)"
      ],
      finds: [
        "invoice_adjustment \(voidedName): there are invoice lines and no credit",
        "credit c / s3 / i2 / 2026-10 / USD / 1: lines_through is 1 and should be 0",
      ]),
    Tampering(
      name: "added credit in the place of another, with its line", hasFiles: false,
      statements: [
        "UPDATE redress.credit_revision SET subscription_id = 's3' WHERE \(raised)"
      ],
      finds: [creditsChanged]),
    Tampering(
      name: "revision of a void incident without its taking back",
      statements: [
        """
        UPDATE redress.credit_revision SET amount_minor = -1 WHERE \(voided) AND revision = 2
        """
      ],
      finds: ["credit \(voidedName) / 2: amount_minor is -1 and should be -10000"]),
  ]

  static let lineTamperings: [Tampering] = [
    Tampering(
      name: "added line of a run",
      statements: [
        """
        INSERT INTO redress.invoice_line
          (customer_id, subscription_id, incident_id, currency, line, billing_month, run_id, invoice_id,
           amount_minor)
        VALUES ('c', 's1', 'i1', 'USD', 2, '2026-10-01', 1, 'inv-2', -10)
        """
      ],
      finds: [
        "run 1: the run recorded 3 invoice_lines, and there are 4",
        "credit \(raisedName) / 1: lines_through is 1 and should be 2",
      ]),
    Tampering(
      name: "added line within the entitlement that looks like the invoicing system's",
      statements: [
        """
        INSERT INTO redress.invoice_line
          (customer_id, subscription_id, incident_id, currency, line, billing_month, placed_at, invoice_id,
           amount_minor)
        VALUES ('c', 's1', 'i1', 'USD', 2, '2026-10-01', now(), 'inv-2', -10)
        """
      ],
      finds: [
        "invoice_adjustment c / inv-2 / USD: place_on_invoice and release_invoice wrote 0 lines at ",
        ", and there are 1",
      ]),
    Tampering(
      name: "changed line of the invoicing system",
      statements: [
        "SELECT redress.place_on_invoice('inv-9', 'c', 'USD', 120)",
        "UPDATE redress.invoice_line SET amount_minor = amount_minor + 1 WHERE invoice_id = 'inv-9'",
      ],
      finds: [
        "invoice_adjustment c / inv-9 / USD: the lines of ",
        "are not the ones that place_on_invoice or release_invoice wrote",
      ]),
    Tampering(
      name: "missing line of the invoicing system",
      statements: [
        "SELECT redress.place_on_invoice('inv-9', 'c', 'USD', 120)",
        "DELETE FROM redress.invoice_line WHERE invoice_id = 'inv-9'",
      ],
      finds: ["invoice_adjustment c / inv-9 / USD: place_on_invoice and release_invoice wrote "]),
    Tampering(
      name: "added line beyond the entitlement",
      statements: [
        """
        INSERT INTO redress.invoice_line
          (customer_id, subscription_id, incident_id, currency, line, billing_month, placed_at, invoice_id,
           amount_minor)
        VALUES ('c', 's1', 'i1', 'USD', 2, '2026-10-01', now(), 'inv-2', -15001)
        """
      ],
      finds: [
        "invoice_adjustment \(raisedName): invoices carry 25001 minor units of 25000, and no run has"
      ]),
    Tampering(
      name: "line that gives back what was never placed",
      statements: [
        """
        INSERT INTO redress.invoice_line
          (customer_id, subscription_id, incident_id, currency, line, billing_month, placed_at, invoice_id,
           amount_minor)
        VALUES ('c', 's1', 'i1', 'USD', 2, '2026-10-01', now(), 'inv-2', 10)
        """
      ],
      finds: ["invoice inv-2 has given back 10 minor units more than it carried"]),
    Tampering(
      name: "missing line",
      statements: ["DELETE FROM redress.invoice_line WHERE run_id = 1"],
      finds: [
        "run 1: the run recorded 3 invoice_lines, and there are 2",
        "credit \(voidedName) / 1: lines_through is 1 and should be 0", linesChanged,
      ]),
    Tampering(
      name: "missing line that was the whole of a revision",
      statements: [
        "UPDATE redress.credit_revision SET invoice_id = NULL WHERE \(raised) AND revision = 1"
      ],
      finds: [
        "run 1: the run recorded 3 invoice_lines, and there are 2",
        "credit \(raisedName) / 1: lines_through is 1 and should be 0", creditsChanged,
      ]),
    Tampering(
      name: "added line that is the whole of a revision",
      statements: [
        """
        UPDATE redress.credit_revision SET invoice_id = 'inv-1', lines_through = 2
        WHERE \(raised) AND revision = 2
        """
      ],
      finds: [
        "run 2: the run recorded 0 invoice_lines, and there are 1",
        "run 2: the run's rows of credit are not the ones that it wrote",
      ]),
    Tampering(
      name: "line that was the whole of a revision, stored by itself", hasFiles: false,
      statements: [
        """
        INSERT INTO redress.invoice_line
          (customer_id, subscription_id, incident_id, currency, line, billing_month, run_id, invoice_id,
           amount_minor)
        SELECT customer_id, subscription_id, incident_id, currency, line, billing_month, run_id, invoice_id,
          amount_minor
        FROM redress.invoice_adjustment WHERE \(raised)
        """,
        "UPDATE redress.credit_revision SET invoice_id = NULL WHERE \(raised) AND revision = 1",
      ],
      finds: [creditsChanged, linesChanged]),
    Tampering(
      name: "line stored twice", hasFiles: false,
      statements: [
        """
        INSERT INTO redress.invoice_line
          (customer_id, subscription_id, incident_id, currency, line, billing_month, run_id, invoice_id,
           amount_minor)
        SELECT customer_id, subscription_id, incident_id, currency, line, billing_month, run_id, invoice_id,
          amount_minor
        FROM redress.invoice_adjustment WHERE \(raised)
        """
      ],
      finds: ["run 1: the run recorded 3 invoice_lines, and there are 4", linesChanged]),
    Tampering(
      name: "changed line",
      statements: [
        "UPDATE redress.credit_revision SET invoice_id = NULL WHERE \(raised) AND revision = 1",
        """
        INSERT INTO redress.invoice_line
          (customer_id, subscription_id, incident_id, currency, line, billing_month, run_id, invoice_id,
           amount_minor)
        VALUES ('c', 's1', 'i1', 'USD', 1, '2026-10-01', 1, 'inv-1', -99999)
        """,
      ],
      finds: ["invoice_adjustment \(raisedName): invoices carry 99999 minor units of 25000"]),
    Tampering(
      name: "changed line within the entitlement",
      statements: [
        "UPDATE redress.invoice_line SET amount_minor = amount_minor + 1 WHERE run_id = 1"
      ],
      finds: [linesChanged]),
    Tampering(
      name: "line moved to another invoice",
      statements: ["UPDATE redress.invoice_line SET invoice_id = 'inv-2' WHERE run_id = 1"],
      finds: [linesChanged]),
    Tampering(
      name: "line moved to another invoice, with its revision", hasFiles: false,
      statements: [
        "UPDATE redress.credit_revision SET invoice_id = 'inv-2' WHERE \(raised) AND revision = 1"
      ],
      finds: [creditsChanged]),
    Tampering(
      name: "line moved to another month",
      statements: [
        "UPDATE redress.invoice_line SET billing_month = '2026-09-01' WHERE run_id = 1"
      ],
      finds: [
        "invoice_adjustment c / s1 / i2 / 2026-09 / USD: there are invoice lines and no credit",
        "credit \(voidedName) / 1: lines_through is 1 and should be 0", linesChanged,
      ]),
  ]
}
