import Postgres
import Testing

/// What each role may do, and that it may do nothing else.
@Suite("Rights")
struct RightsTests {
  private static let ledger = [
    "carried_forward", "credit_revision", "decision", "finding", "incident_evidence",
    "invoice_line", "policy_file", "policy_version", "recorded_month", "run", "run_digest",
    "visible_run",
  ]
  /// What the parts of a run write before it is moved into the ledger.
  private static let staged = [
    "staged_carried_forward", "staged_credit_revision", "staged_decision", "staged_evidence",
    "staged_invoice_line",
  ]
  private static let readable =
    ledger + [
      "credit", "credited_month", "entitlement", "finding_acceptance", "invoice_adjustment",
      "ledger", "month_closing", "open_credit", "placement", "policy_adoption",
      "schema_migration", "proposal", "approval", "observed_severity", "observed_term",
      "severity_observation", "term_observation", "handover",
    ]
  private static let roles = [
    "redress_controller", "redress_invoicing", "redress_job", "redress_reader",
  ]

  @Test("relations: exactly the privileges of the contract")
  func relations() throws {
    try LedgerDatabase.with { database in
      let found = try database.connect().column(
        """
        SELECT
          concat_ws(' ', grantee.rolname, pg_class.oid::regclass, held.privilege_type)
        FROM pg_class
        CROSS JOIN LATERAL aclexplode(pg_class.relacl) AS held
        LEFT JOIN pg_roles AS grantee ON grantee.oid = held.grantee
        WHERE pg_class.relnamespace IN ('redress'::regnamespace, 'redress_source'::regnamespace)
          AND held.grantee <> pg_class.relowner
        """)
      var expected: Set<String> = []
      for role in Self.roles {
        for relation in Self.readable { expected.insert("\(role) redress.\(relation) SELECT") }
      }
      for relation in Self.ledger { expected.insert("redress_job redress.\(relation) INSERT") }
      expected.insert("redress_controller redress.policy_file INSERT")
      for relation in Self.staged {
        for privilege in ["DELETE", "INSERT", "SELECT"] {
          expected.insert("redress_job redress.\(relation) \(privilege)")
        }
      }
      for relation in [
        "action_item", "claim", "customer", "exclusion", "incident", "incident_event", "invoice",
        "outage",
        "post_mortem", "service", "subscription_term",
      ] {
        expected.insert("redress_job redress_source.\(relation) SELECT")
      }
      #expect(Set(found) == expected)
      #expect(found.count == expected.count)
    }
  }

  @Test("columns: a held run is the job's, decisions are the controller's")
  func columns() throws {
    try LedgerDatabase.with { database in
      let found = try database.connect().column(
        """
        SELECT concat_ws(' ', grantee.rolname, pg_class.relname, held.privilege_type,
          string_agg(attname, ' ' ORDER BY attnum))
        FROM pg_attribute
        JOIN pg_class ON pg_class.oid = attrelid
        CROSS JOIN LATERAL aclexplode(attacl) AS held
        LEFT JOIN pg_roles AS grantee ON grantee.oid = held.grantee
        WHERE relnamespace = 'redress'::regnamespace
        GROUP BY grantee.rolname, pg_class.relname, held.privilege_type
        """)
      #expect(
        Set(found) == [
          "redress_controller approval INSERT run_id kind proposal approved_by reason row_digest",
          "redress_controller month_closing INSERT number action month reason after_run digest",
          "redress_controller policy_adoption INSERT number policy_digest after_run restate_from "
            + "note digest",
          "redress_job handover INSERT customer_id message_key entry attempt answer system invoice_id "
            + "currency subscription_id incident_id billing_month line amount_minor said remote_id "
            + "message digest",
          "redress_job proposal INSERT digest as_of month_from month_through policy_digest "
            + "credits_digest findings_digest revisions invoice_lines findings amounts limits "
            + "program_version row_digest",
          "redress_job severity_observation INSERT incident_id service_id customer_id number "
            + "is_gone severity since",
          "redress_job term_observation INSERT subscription_id number is_gone customer_id "
            + "service_id plan monthly_fee currency since until",
        ])
    }
  }

  @Test("functions: exactly the privileges of the contract, and none for everybody")
  func functions() throws {
    try LedgerDatabase.with { database in
      let found = try database.connect().column(
        """
        SELECT
          concat_ws(' ', COALESCE(grantee.rolname, 'PUBLIC'), pg_proc.proname, held.privilege_type)
        FROM pg_proc
        CROSS JOIN LATERAL
          aclexplode(COALESCE(pg_proc.proacl, acldefault('f', pg_proc.proowner))) AS held
        LEFT JOIN pg_roles AS grantee ON grantee.oid = held.grantee
        WHERE pg_proc.pronamespace = 'redress'::regnamespace AND held.grantee <> pg_proc.proowner
        """)
      var expected: Set<String> = [
        "redress_invoicing place_on_invoice EXECUTE", "redress_invoicing release_invoice EXECUTE",
        "redress_controller try_run_lock EXECUTE",
        "redress_controller keep_invoicing_out EXECUTE",
        "redress_job try_run_lock EXECUTE", "redress_job keep_invoicing_out EXECUTE",
        "redress_controller settle_finding EXECUTE",
      ]
      for role in Self.roles {
        for function in [
          "acceptance_digest", "currency_decimals", "hidden_run", "line_checksum", "major_units",
          "approval_digest", "month_closing_digest", "month_start", "month_starts",
          "proposal_digest",
          "placement_digest", "run_record",
          "recorded_units", "monthly_fee", "time_zone", "instant", "handover_digest",
        ] {
          expected.insert("\(role) \(function) EXECUTE")
        }
      }
      #expect(Set(found) == expected)
    }
  }

  @Test("each role tries what it may not do")
  func forbidden() throws {
    try LedgerDatabase.with { database in
      let owner = try database.connect()
      try owner.execute("CREATE ROLE \(database.name)_nobody")
      defer { try? owner.execute("DROP ROLE \(database.name)_nobody") }
      let writes = Self.ledger.flatMap { relation in
        [
          "UPDATE redress.\(relation) SET \(Self.someColumn(of: relation)) = NULL",
          "DELETE FROM redress.\(relation)",
          "TRUNCATE redress.\(relation)", "ALTER TABLE redress.\(relation) ADD note text",
          "DROP TABLE redress.\(relation)",
          "CREATE TRIGGER spy BEFORE INSERT ON redress.\(relation) "
            + "EXECUTE FUNCTION suppress_redundant_updates_trigger()",
          "DO 'BEGIN LOCK TABLE redress.\(relation) IN ACCESS EXCLUSIVE MODE; END'",
        ]
      }
      let changes = Self.staged.flatMap { relation in
        [
          "UPDATE redress.\(relation) SET part = '1'", "TRUNCATE redress.\(relation)",
          "ALTER TABLE redress.\(relation) ADD note text", "DROP TABLE redress.\(relation)",
        ]
      }
      let always =
        writes + changes + [
          "INSERT INTO redress.placement DEFAULT VALUES", "DELETE FROM redress.placement",
          "INSERT INTO redress.finding_acceptance DEFAULT VALUES",
          "UPDATE redress.finding_acceptance SET reason = 'other'",
          "DELETE FROM redress.finding_acceptance",
          "INSERT INTO redress.finding_acceptance DEFAULT VALUES",
          "UPDATE redress.finding_acceptance SET reason = 'other'",
          "DELETE FROM redress.finding_acceptance",
          "INSERT INTO redress.month_closing (number, decided_by) VALUES (1, 'somebody else')",
          "UPDATE redress.month_closing SET reason = 'other'", "DELETE FROM redress.month_closing",
          "UPDATE redress.approval SET reason = NULL", "DELETE FROM redress.approval",
          "UPDATE redress.proposal SET run_by = NULL", "DELETE FROM redress.proposal",
          // Who it was and when is not the user's to say.
          "INSERT INTO redress.approval (run_id, database_user) VALUES (1, 'x')",
          "INSERT INTO redress.approval (run_id, approved_at) VALUES (1, now())",
          "INSERT INTO redress.proposal (digest, run_by) VALUES ('', 'x')",
          "INSERT INTO redress.proposal (digest, recorded_at) VALUES ('', now())",
          "UPDATE redress.ledger SET ledger_id = gen_random_uuid()",
          "INSERT INTO redress.schema_migration (number, name, digest) VALUES (99, 'x', '')",
          "DELETE FROM redress.schema_migration",
          // Whoever may adopt says neither who nor when; the server does.
          "INSERT INTO redress.policy_adoption (number, adopted_by) VALUES (1, 'somebody else')",
          "INSERT INTO redress.policy_adoption (number, adopted_at) VALUES (1, '2026-01-01Z')",
          "UPDATE redress.policy_adoption SET note = 'another'",
          "DELETE FROM redress.policy_adoption",
          "INSERT INTO redress.term_observation (subscription_id, observed_at) VALUES ('a', now())",
          "INSERT INTO redress.severity_observation (incident_id, observed_by) VALUES ('a', 'x')",
          "INSERT INTO redress.handover (customer_id, noted_by) VALUES ('a', 'x')",
          "INSERT INTO redress.handover (customer_id, noted_at) VALUES ('a', now())",
          "UPDATE redress.handover SET answer = 'sent'", "DELETE FROM redress.handover",
          "UPDATE redress.term_observation SET monthly_fee = 1",
          "DELETE FROM redress.severity_observation",
          "SELECT redress.require_current_snapshot('acme')",
          "CREATE TABLE redress.extra (id text)", "CREATE TABLE redress_source.extra (id text)",
          "INSERT INTO redress_source.service VALUES ('a', 'b')",
          "UPDATE redress_source.invoice SET amount_due = 0", "DELETE FROM redress_source.outage",
          "CREATE OR REPLACE FUNCTION redress.recorded_units(amount_minor bigint, currency text) "
            + "RETURNS numeric LANGUAGE sql AS 'SELECT 0.0'",
        ]
      let inserts =
        Self.ledger.map { "INSERT INTO redress.\($0) DEFAULT VALUES" }
        + Self.staged.flatMap { relation in
          [
            "INSERT INTO redress.\(relation) DEFAULT VALUES", "DELETE FROM redress.\(relation)",
            "SELECT FROM redress.\(relation)",
          ]
        }
      let approving = "INSERT INTO redress.approval (run_id) VALUES (1)"
      let proposing = "INSERT INTO redress.proposal (digest) VALUES ('')"
      let calls = [
        "SELECT redress.place_on_invoice('a', 'b', 'USD', 1)",
        "SELECT redress.release_invoice('a')",
      ]
      let settles = ["SELECT redress.settle_finding('accept', 'a', 'b', 'c', 'd', 'e', NULL)"]
      let source = ["SELECT FROM redress_source.customer", "SELECT FROM redress_source.invoice"]
      let reads = Self.readable.map { "SELECT FROM redress.\($0)" }
      let months = ["SELECT redress.month_start('UTC', '2026-10-01')"]
      let cases: [(role: String, statements: [String])] = [
        ("redress_job", always + calls + settles + [approving]),
        ("redress_invoicing", always + inserts + source + settles + [approving, proposing]),
        ("redress_reader", always + inserts + calls + source + settles + [approving, proposing]),
        (
          "redress_controller",
          always + inserts.filter { !$0.contains("redress.policy_file ") } + calls + source
            + [proposing]
        ),
        (
          "\(database.name)_nobody",
          always + inserts + calls + source + reads + months + settles + [approving, proposing]
        ),
      ]
      for (role, statements) in cases {
        let connection = try database.connect(as: role)
        for statement in statements {
          #expect(try connection.refusal(statement) == "42501", "\(role): \(statement)")
        }
      }
    }
  }

  @Test("an adoption is for the controller alone, and column by column")
  func adoption() throws {
    try LedgerDatabase.with { database in
      let adoption = """
        INSERT INTO redress.policy_adoption (number, policy_digest, after_run, restate_from, note, digest)
        VALUES (1, sha256('x'), 0, NULL, 'terms', sha256('y'))
        """
      for role in ["redress_job", "redress_invoicing", "redress_reader"] {
        #expect(try database.connect(as: role).refusal(adoption) == "42501", "\(role)")
      }
      let controller = try database.connect(as: "redress_controller")
      try controller.execute(adoption)
      #expect(
        try controller.value("SELECT adopted_by FROM redress.policy_adoption") == controller.user)
    }
  }

  private static func someColumn(of relation: String) -> String {
    switch relation {
    case "incident_evidence", "policy_file", "policy_version": "digest"
    case "recorded_month": "first_run_id"
    default: "run_id"
    }
  }

  @Test("each role does what it is for")
  func allowed() throws {
    try LedgerDatabase.with { database in
      let job = try database.connect(as: "redress_job")
      try job.addRun(1)
      try job.addCredit("acme", "s1", "i1", amountMinor: 1000)
      #expect(try job.value("SELECT run_by FROM redress.run") == job.user)
      #expect(try job.value("SELECT count(*)::text FROM redress_source.customer") == "0")
      #expect(
        try job.value("SELECT redress.month_start('UTC', '2026-10-09')::text")
          == "2026-10-01 00:00:00+00")

      let invoicing = try database.connect(as: "redress_invoicing")
      #expect(
        try invoicing.value(
          "SELECT amount_minor::text FROM redress.place_on_invoice('a', 'acme', 'USD', 4)")
          == "-400")
      #expect(
        try invoicing.value("SELECT amount_minor::text FROM redress.release_invoice('a')") == "400")

      let reader = try database.connect(as: "redress_reader")
      #expect(try reader.value("SELECT amount::text FROM redress.entitlement") == "10.00")
      #expect(try reader.value("SELECT amount::text FROM redress.open_credit") == "10.00")
    }
  }

  @Test("a table that is added to the source later can be read")
  func laterSource() throws {
    try LedgerDatabase.with(sourceTables: false) { database in
      let owner = try database.connect()
      try owner.execute("CREATE VIEW redress_source.customer AS SELECT 'acme' AS customer_id")
      #expect(
        try database.connect(as: "redress_job").value(
          "SELECT customer_id FROM redress_source.customer") == "acme")
    }
  }

  @Test("functions that run as the owner pin their search path and read no source")
  func definers() throws {
    try LedgerDatabase.with { database in
      let owner = try database.connect()
      #expect(
        try owner.column(
          """
          SELECT concat_ws(' ', proname, proconfig) FROM pg_proc
          WHERE pronamespace = 'redress'::regnamespace AND prosecdef ORDER BY proname
          """) == [
            "keep_invoicing_out {\"search_path=pg_catalog, pg_temp\"}",
            "place_on_invoice {\"search_path=pg_catalog, pg_temp\"}",
            "release_invoice {\"search_path=pg_catalog, pg_temp\"}",
            "settle_finding {\"search_path=pg_catalog, pg_temp\"}",
            "try_run_lock {\"search_path=pg_catalog, pg_temp\"}",
          ])
      #expect(
        try owner.value(
          """
          SELECT count(*)::text FROM pg_proc
          WHERE pronamespace = 'redress'::regnamespace AND prosrc LIKE '%redress_source%'
          """) == "0")
      #expect(
        try owner.value(
          """
          SELECT count(*)::text FROM pg_views
          WHERE schemaname = 'redress' AND definition LIKE '%redress_source%'
          """) == "0")
    }
  }

  @Test("objects of the caller's own do not get in between")
  func hostileNames() throws {
    try LedgerDatabase.with { database in
      let owner = try database.connect()
      try owner.addCredit("acme", "s1", "i1", amountMinor: 1000)
      try owner.execute("CREATE SCHEMA trap AUTHORIZATION redress_invoicing")
      let invoicing = try database.connect(as: "redress_invoicing")
      // Each would be called instead of the real function if the function used the caller's search
      // path.
      try invoicing.execute(
        """
        CREATE FUNCTION trap.now() RETURNS timestamptz LANGUAGE plpgsql AS
          'BEGIN RAISE EXCEPTION ''trapped as %'', current_user; END';
        CREATE FUNCTION trap.current_setting(text) RETURNS text LANGUAGE plpgsql AS
          'BEGIN RAISE EXCEPTION ''trapped as %'', current_user; END';
        CREATE FUNCTION trap.differ(text, text) RETURNS boolean LANGUAGE plpgsql AS
          'BEGIN RAISE EXCEPTION ''trapped as %'', current_user; END';
        CREATE OPERATOR trap.= (LEFTARG = text, RIGHTARG = text, FUNCTION = trap.differ);
        CREATE TEMPORARY TABLE invoice_adjustment (customer_id text);
        CREATE TEMPORARY TABLE entitlement (customer_id text);
        SET search_path = trap, pg_temp, redress, pg_catalog;
        """)
      #expect(
        try invoicing.value(
          "SELECT amount_minor::text FROM redress.place_on_invoice('a', 'acme', 'USD', 4)")
          == "-400")
      #expect(
        try invoicing.value("SELECT amount_minor::text FROM redress.release_invoice('a')") == "400")
    }
  }
}
