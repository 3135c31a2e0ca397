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
  static let raised =
    "customer_id = 'c' AND subscription_id = 's1' AND incident_id = 'i1' AND currency = 'USD'"
  static let raisedName = "c / s1 / i1 / 2026-10 / USD"
  /// The key of a credit that run 1 granted and run 2 took back. Half of it is on inv-1.
  static let voided = "customer_id = 'c' AND subscription_id = 's1' AND incident_id = 'i2'"
  static let voidedName = "c / s1 / i2 / 2026-10 / USD"
  static let creditsChanged =
    "run 1: the run's rows of credit are not the ones that it wrote"

  static let tamperings = creditTamperings + lineTamperings + otherTamperings

  /// Of what is beside the credits and their lines: runs, findings, evidence, policies and files.
  private static let otherTamperings: [Tampering] = [
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
