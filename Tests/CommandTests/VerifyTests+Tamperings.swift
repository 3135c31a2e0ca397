import FoundationEssentials
import Testing

/// Changes that a superuser may make to a ledger and its files, and the output of verify.
extension VerifyTests {
  struct Tampering: Sendable, CustomTestStringConvertible {
    let name: String
    /// Whether the files of the runs are given to verify.
    var hasFiles = true
    var statements: [String] = []
    /// A file in the folder with the runs' files, and the change of its content; `nil` removes the
    /// file.
    var file: (name: String, change: @Sendable (Data) -> Data?)?
    /// Each must be in a line of the output.
    let finds: [String]

    var testDescription: String { name }
  }

  /// The key of a credit that run 1 granted and run 2 increased. All of the first revision is on
  /// inv-1.
  private static let raised =
    "customer_id = 'c' AND subscription_id = 's1' AND incident_id = 'i1' AND currency = 'USD'"
  private static let raisedName = "c / s1 / i1 / 2026-10 / USD"
  /// The key of a credit that run 1 granted and run 2 took back. Half of it is on inv-1.
  private static let voided = "customer_id = 'c' AND subscription_id = 's1' AND incident_id = 'i2'"
  private static let voidedName = "c / s1 / i2 / 2026-10 / USD"
  /// The row of `decision` that the first revision of ``raised`` refers to.
  private static let decided = """
    (run_id, number) IN (
      SELECT run_id, decision FROM redress.credit_revision WHERE \(raised) AND revision = 1)
    """
  private static let creditsChanged =
    "run 1: the run's rows of credit are not the ones that it wrote"
  private static let linesChanged = "run 1: the run's invoice lines are not the ones that it wrote"

  /// A changed column of ``decided``.
  private static func decision(_ column: String, _ value: String, _ found: String) -> Tampering {
    Tampering(
      name: "changed \(column) of a decision", hasFiles: false,
      statements: ["UPDATE redress.decision SET \(column) = \(value) WHERE \(decided)"],
      finds: [found, creditsChanged])
  }

  static let tamperings: [Tampering] = [
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
    Tampering(
      name: "changed name, without the file that tells it", hasFiles: false,
      statements: [
        "UPDATE redress.credit_revision SET customer_name = 'Other' WHERE \(raised) AND revision = 2"
      ],
      finds: ["run 2: the ledger makes other credits of the run than it reported"]),
    Tampering(
      name: "digest of a report taken out",
      statements: [
        "ALTER TABLE redress.run ALTER COLUMN credits_digest DROP NOT NULL",
        "UPDATE redress.run SET credits_digest = NULL WHERE run_id = 1",
      ],
      finds: ["run 1: its row, or what it was made with, is not what was digested"]),
    Tampering(
      name: "record taken out", hasFiles: false,
      statements: ["DELETE FROM redress.run_digest WHERE run_id = 2"],
      finds: ["run 2: there is no digest of its record"]),
    Tampering(
      name: "empty run forged at the end", hasFiles: false,
      statements: [
        """
        INSERT INTO redress.run
        SELECT (jsonb_populate_record(run, '{"run_id": 3, "revisions": 0, "invoice_lines": 0, "findings": 0}')).*
        FROM redress.run WHERE run_id = 2
        """
      ],
      finds: ["run 3: there is no digest of its record"]),
    Tampering(
      name: "other evidence of the same effect", hasFiles: false,
      statements: [
        "UPDATE redress.credit_revision SET customer_evidence = sha256('x') WHERE customer_id = 'd'"
      ],
      finds: [creditsChanged]),
    Tampering(
      name: "who made a run, with a record to match",
      statements: [
        "UPDATE redress.run SET run_by = 'somebody' WHERE run_id = 2",
        """
        UPDATE redress.run_digest SET digest = sha256(convert_to(redress.run_record(run.run_id), 'UTF8'))
        FROM redress.run WHERE run.run_id = run_digest.run_id AND run.run_id = 2
        """,
      ],
      finds: ["file totals-run-2.json: line "]),
    Tampering(
      name: "amount due that an invoice was placed with", hasFiles: false,
      statements: [
        "SELECT redress.place_on_invoice('inv-9', 'c', 'USD', 120)",
        "UPDATE redress.placement SET amount_due = 12000",
      ],
      finds: ["placement c / inv-9 / USD / 1: the row is not the one that place_on_invoice"]),
    Tampering(
      name: "one credit for two customers", hasFiles: false,
      statements: [
        """
        INSERT INTO redress.credit_revision
        SELECT (jsonb_populate_record(c, '{"customer_id": "d"}')).* FROM redress.credit_revision AS c
        WHERE \(raised) AND revision = 1
        """
      ],
      finds: ["credit c / s1 / i1: customer d has the credit of the same subscription"]),
    Tampering(
      name: "changed finding", hasFiles: false,
      statements: [
        "UPDATE redress.finding SET problem = 'Nothing.' WHERE code = 'overcredited'"
      ],
      finds: ["run 2: the ledger makes other findings of the run than it reported"]),
    Tampering(
      name: "changed digest of the policy file",
      statements: ["UPDATE redress.run SET policy_digest = sha256('x') WHERE run_id = 1"],
      finds: ["run 1: the policy file "]),
    Tampering(
      name: "changed policy file",
      statements: ["UPDATE redress.policy_file SET content = content || '#'::bytea"],
      finds: ["policy_file ", "the content is not the one that its digest was made of"]),
    Tampering(
      name: "changed policy file with a digest to match",
      statements: [
        """
        UPDATE redress.policy_file SET
          content = convert_to(replace(convert_from(content, 'UTF8'), 'credit: 25%', 'credit: 35%'), 'UTF8')
        """,
        "UPDATE redress.policy_file SET digest = sha256(content)",
        "UPDATE redress.run SET policy_digest = (SELECT digest FROM redress.policy_file)",
      ],
      finds: ["policy_file ", "its version outage-response-1 is other than the frozen one"]),
    Tampering(
      name: "changed shared evidence",
      statements: [
        """
        UPDATE redress.incident_evidence SET content = replace(content, '05T02:00:00Z', '05T03:00:00Z')
        WHERE customer_id = ''
        """
      ],
      finds: [
        "incident_evidence "  // The digest follows.
      ]),
    Tampering(
      name: "changed shared evidence with a digest to match",
      statements: [
        """
        UPDATE redress.incident_evidence SET content = replace(content, '05T02:00:00Z', '05T03:00:00Z')
        WHERE customer_id = '' AND content LIKE '%05T02:00:00Z%'
        """,
        """
        UPDATE redress.run SET evidence_digest = (
          SELECT sha256(convert_to(e.content, 'UTF8')) FROM redress.incident_evidence AS e
          WHERE e.digest = run.evidence_digest)
        """,
        """
        UPDATE redress.incident_evidence SET digest = sha256(convert_to(content, 'UTF8'))
        WHERE customer_id = ''
        """,
      ],
      finds: [
        "credit \(raisedName) / 1: counted_microseconds is 7200000000 and should be 10800000000"
      ]),
    Tampering(
      name: "missing evidence",
      statements: ["DELETE FROM redress.incident_evidence WHERE customer_id = ''"],
      finds: ["run 1: there is no frozen evidence ", "run 2: there is no frozen evidence "]),
    Tampering(
      name: "changed evidence of a customer",
      statements: [
        """
        UPDATE redress.incident_evidence SET content = replace(content, 'customer_fault', 'force_majeure')
        WHERE customer_id = 'd'
        """
      ],
      finds: ["incident_evidence d / "]),
    Tampering(
      name: "changed terms",
      statements: [
        """
        UPDATE redress.credit_revision SET terms = jsonb_set(terms::jsonb, '{0,monthly_fee}', '"900"')::json
        WHERE customer_id = 'd'
        """
      ],
      finds: ["credit d / s4 / i1 / 2026-10 / EUR / 1: monthly_fee is 500.00 and should be 900.00"]),
    Tampering(
      name: "changed policy content",
      statements: [
        "UPDATE redress.policy_version SET content = replace(content, 'credit: 25%', 'credit: 35%')"
      ],
      finds: [
        "policy_version outage-response-1: the content is not the one that its digest was made of"
      ]),
    Tampering(
      name: "changed policy content with a digest to match",
      statements: [
        "UPDATE redress.policy_version SET content = replace(content, 'credit: 25%', 'credit: 35%')",
        "UPDATE redress.policy_version SET digest = sha256(convert_to(content, 'UTF8'))",
      ],
      finds: ["credit \(raisedName) / 2: percent_bp is 2500 and should be 3500"]),
    Tampering(
      name: "deleted policy version",
      statements: ["DELETE FROM redress.policy_version"],
      finds: ["credit \(raisedName) / 1: there is no policy version outage-response-1"]),
    Tampering(
      name: "deleted first run",
      statements: ["DELETE FROM redress.run WHERE run_id = 1"],
      finds: [
        "run 2: run_id is 2 where 1 should follow", "there is no run 1",
        "file credits-run-1.csv: the ledger has no such run",
      ]),
    Tampering(
      name: "deleted last run",
      statements: ["DELETE FROM redress.run WHERE run_id = 2"],
      finds: ["credit \(raisedName) / 2: there is no run 2"]),
    Tampering(
      name: "deleted finding",
      statements: ["DELETE FROM redress.finding WHERE code = 'overcredited'"],
      finds: [
        "run 2: the run recorded 1 findings, and there are 0",
        "invoice_adjustment \(voidedName): invoices carry 5000 minor units of 0, and no run has",
      ]),
    Tampering(
      name: "changed name, which only the file tells",
      statements: [
        "UPDATE redress.credit_revision SET customer_name = 'Other' WHERE \(raised) AND revision = 2"
      ],
      finds: ["file credits-run-2.csv: line 2 (byte "]),
    Tampering(
      name: "changed byte of a CSV",
      file: (
        "credits-run-1.csv",
        { data in
          var data = data
          data[data.count - 10] ^= 1
          return data
        }
      ),
      finds: ["file credits-run-1.csv: line 6 (byte "]),
    Tampering(
      name: "CSV cut short", file: ("credits-run-2.csv", { $0.dropLast(1) }),
      finds: ["file credits-run-2.csv: line 6 (byte "]),
    Tampering(
      name: "line added to a CSV", file: ("findings-run-1.csv", { $0 + Data("x\r\n".utf8) }),
      finds: ["file findings-run-1.csv: line 2 (byte "]),
    Tampering(
      name: "changed totals",
      file: (
        "totals-run-2.json",
        { Data(String(decoding: $0, as: UTF8.self).replacing("300.00", with: "300.01").utf8) }
      ),
      finds: ["file totals-run-2.json: line "]),
    Tampering(
      name: "missing file", file: ("totals-run-1.json", { _ in nil }),
      finds: ["file totals-run-1.json: the run's other files are there, and this one is not"]),
  ]
}
