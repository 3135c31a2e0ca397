public import Postgres
import RedressSQL

/// What a command needs of its database.
public struct ContractNeeds: OptionSet, Sendable {
  public let rawValue: Int

  public init(rawValue: Int) { self.rawValue = rawValue }

  /// To read the schema `redress`.
  public static let ledger = ContractNeeds(rawValue: 1)
  /// To read `redress_source`.
  public static let source = ContractNeeds(rawValue: 2)
  /// To append to the ledger.
  public static let appending = ContractNeeds(rawValue: 4)

  /// To record decisions of finance.
  public static let deciding = ContractNeeds(rawValue: 8)
  /// To record what was handed over.
  public static let handingOver = ContractNeeds(rawValue: 16)

  public static let reading: ContractNeeds = [.ledger, .source]
  public static let run: ContractNeeds = [.ledger, .source, .appending]
}

/// Compares server, ledger and source with the needs of a command of the current user. Changes
/// nothing.
public struct ContractExamination: Sendable {
  /// Everything that is wrong, in the order of the contract; empty if the command can begin.
  public private(set) var violations: [ContractViolation] = []
  /// In the order of the relations.
  public private(set) var notes: [ContractNote] = []
  /// The optional relations that the source has.
  public private(set) var optionalRelations: [String] = []
  private let needs: ContractNeeds

  /// Whether one session must read all relations of the source. Different sessions could see
  /// different states of its parts.
  public var needsOneSession: Bool { oneSessionRelation != nil }

  /// The first relation for which that is so.
  public var oneSessionRelation: String? {
    for note in notes { if case .oneSession(let relation, _) = note { return relation } }
    return nil
  }

  /// - Parameter connection: inside or outside of a transaction. Statements that the server may
  ///   refuse are run in a savepoint.
  /// - Throws: an error that stops the examination, such as a lost connection.
  public init(_ connection: borrowing Connection, needs: ContractNeeds) throws {
    self.needs = needs
    guard connection.serverVersion >= Migrator.oldestServerVersion else {
      violations = [.serverTooOld(version: connection.serverVersion)]
      return
    }
    let encoding = connection.parameterStatus("server_encoding") ?? "unknown"
    if encoding != "UTF8" { violations.append(.serverEncoding(encoding)) }
    if needs.contains(.appending),
      try connection.rows(.serverState, [], { row in try row.bool(0) }) == [true]
    {
      violations.append(.standby)
    }
    if needs.contains(.ledger) { try examineLedger(connection) }
    if needs.contains(.source) { try examineSource(connection) }
  }

  /// - Throws: `ContractError` if there is a violation.
  public func enforce() throws {
    guard violations.isEmpty else { throw ContractError(violations) }
  }

  private var role: LedgerRole {
    if !needs.isDisjoint(with: [.appending, .handingOver]) { return .job }
    return needs.contains(.deciding) ? .controller : .reader
  }

  // MARK: Ledger

  /// The relations that are read and appended to.
  private static let relations = [
    "run", "run_digest", "credit_revision", "decision", "invoice_line", "policy_version",
    "policy_file",
    "incident_evidence", "finding", "visible_run", "recorded_month", "carried_forward",
  ]
  /// The relations that the parts of a run write into before it moves their rows.
  private static let staged = [
    "staged_credit_revision", "staged_decision", "staged_invoice_line", "staged_carried_forward",
    "staged_evidence",
  ]
  private static let views = [
    "credit", "credited_month", "entitlement", "finding_acceptance", "handover",
    "invoice_adjustment", "ledger", "month_closing",
    "placement", "policy_adoption", "schema_migration", "proposal", "approval",
  ]
  /// What decisions are appended to.
  private static let decisions = ["month_closing"]
  private static let functions = ["month_start(text, date)"]
  private static let lockFunctions = ["try_run_lock()", "keep_invoicing_out()", "hidden_run()"]

  private mutating func examineLedger(_ connection: borrowing Connection) throws {
    do {
      let known = Int32(RedressSQL.migrations.count)
      let applied = Int32(try connection.savepoint { try Migrator().appliedCount(connection) })
      guard applied > 0 else {
        violations.append(.ledgerMissing)
        return
      }
      if applied < known { violations.append(.ledgerBehind(version: applied, known: known)) }
    } catch let error as MigrationError {
      switch error {
      case .edited(let number, let name, _, _):
        violations.append(.ledgerEdited(number: number, name: name))
      case .unknown(let number, _, let known):
        violations.append(.ledgerAhead(version: number, known: known))
      case .gap(let missing, _):
        violations.append(.ledgerGap(missing: missing))
      case .postgres(let error) where error.sqlState == "42501":
        violations.append(.ledgerUnreadable(role))
        return
      case .postgres(let error):
        throw error
      case .serverTooOld, .serverEncoding, .standby, .refused, .ledgerIsBusy,
        .sourceTablesInTheWay, .citusMissing, .notCoordinator, .notDistributed:
        preconditionFailure("reading what is applied does not throw \(error)")
      }
    }
    var wanted = (Self.relations + Self.views).map { ($0, "SELECT") }
    if needs.contains(.appending) {
      wanted += Self.relations.map { ($0, "INSERT") }
      wanted.append(("proposal", "INSERT"))
      wanted += Self.staged.flatMap { [($0, "SELECT"), ($0, "INSERT"), ($0, "DELETE")] }
    }
    wanted += Self.functions.map { ($0, "EXECUTE") }
    if needs.contains(.appending) { wanted += Self.lockFunctions.map { ($0, "EXECUTE") } }
    if needs.contains(.handingOver) { wanted.append(("handover", "INSERT")) }
    if needs.contains(.deciding) {
      wanted += Self.decisions.map { ($0, "INSERT") }
      wanted += Self.lockFunctions.map { ($0, "EXECUTE") }
    }
    let role = self.role
    violations += try connection.rows(
      .missingLedgerPrivileges, [.textArray(wanted.map(\.0)), .textArray(wanted.map(\.1))]
    ) { row in
      let (object, privilege) = (try row.string(0), try row.string(1))
      return privilege == "ROW SECURITY"
        ? .ledgerRowSecurity(relation: object)
        : .ledgerPrivilege(object: object, privilege: privilege, role)
    }
  }

  // MARK: Source

  /// What the catalogue says about one expected column.
  private struct Found {
    let schemaIsUsable: Bool?
    let relationExists: Bool
    let columnExists: Bool
    let type: String
    let isOfType: Bool
    let isReadable: Bool
  }

  /// The relations that show the present, as far as they are there.
  /// - Throws: `ContractError` where columns of one are missing, of another type or not readable.
  public static func presentRelations(_ connection: borrowing Connection) throws -> [String] {
    let columns = SourceContract.presentColumns
    let pairs = Array(zip(columns, try look(at: columns, connection)))
    let there = SourceContract.presentRelations.filter { relation in
      pairs.contains { $0.0.relation == relation && $0.1.relationExists }
    }
    let violations = there.flatMap { relation in
      columnViolations(relation, pairs.filter { $0.0.relation == relation }, .job)
    }
    guard violations.isEmpty else { throw ContractError(violations) }
    return there
  }

  /// What the catalogue says about each of `columns`, in their order.
  private static func look(
    at columns: [SourceContract.Column], _ connection: borrowing Connection
  ) throws -> [Found] {
    let found = try connection.rows(
      .sourceColumns,
      [
        .textArray(columns.map(\.relation)), .textArray(columns.map(\.name)),
        .textArray(columns.map(\.type)),
      ]
    ) { row in
      Found(
        schemaIsUsable: row.isNull(0) ? nil : try row.bool(0), relationExists: try row.bool(1),
        columnExists: try row.bool(2), type: row.isNull(3) ? "" : try row.string(3),
        isOfType: try row.bool(4), isReadable: try row.bool(5))
    }
    precondition(found.count == columns.count, "one row for each column")
    return found
  }

  private mutating func examineSource(_ connection: borrowing Connection) throws {
    let columns = SourceContract.columns
    let found = try Self.look(at: columns, connection)
    guard let schemaIsUsable = found.first?.schemaIsUsable else {
      violations.append(.sourceMissing)
      return
    }
    guard schemaIsUsable else {
      violations.append(.sourceUnusable(role))
      return
    }
    // An optional relation that is missing is nothing to speak of.
    let relations =
      SourceContract.relations
      + SourceContract.optionalRelations.filter { relation in
        zip(columns, found).contains { $0.0.relation == relation && $0.1.relationExists }
      }
    optionalRelations = Array(relations.dropFirst(SourceContract.relations.count))
    let makeup = try SourceMakeup(connection, relations)
    notes = try makeup.notes(connection)
    var ofRelations = relations.map { relation in
      Self.columnViolations(
        relation, zip(columns, found).filter { $0.0.relation == relation }, role)
    }
    let sound = relations.indices.filter { ofRelations[$0].isEmpty }
    // Usually nothing is refused, so one statement for all relations is enough.
    if try Self.refusal(of: sound.map { relations[$0] }, connection) != nil {
      for position in sound {
        let relation = relations[position]
        guard let error = try Self.refusal(of: [relation], connection) else { continue }
        let hidden = error.sqlState == "42501" ? makeup.rowSecurity(of: relation) : []
        ofRelations[position] =
          hidden.isEmpty
          ? [
            .relationUnusable(
              relation: relation, sqlState: error.sqlState ?? "", message: error.message)
          ] : hidden
      }
    }
    violations += zip(relations, ofRelations).flatMap { relation, found in
      found + makeup.silences(of: relation)
    }
  }

  private static func columnViolations(
    _ relation: String, _ pairs: [(SourceContract.Column, Found)], _ role: LedgerRole
  ) -> [ContractViolation] {
    guard pairs.contains(where: { $0.1.relationExists }) else {
      return [.relationMissing(relation: relation)]
    }
    var violations: [ContractViolation] = []
    let isClosed = pairs.allSatisfy { !$0.1.columnExists || !$0.1.isReadable }
    if isClosed, pairs.contains(where: { $0.1.columnExists }) {
      violations.append(.relationPrivilege(relation: relation, role))
    }
    for (column, found) in pairs {
      guard found.columnExists else {
        violations.append(
          .columnMissing(relation: relation, column: column.name, type: column.type))
        continue
      }
      if !found.isOfType {
        violations.append(
          .columnType(
            relation: relation, column: column.name, found: found.type, expected: column.type))
      }
      if !found.isReadable, !isClosed {
        violations.append(.columnPrivilege(relation: relation, column: column.name, role))
      }
    }
    return violations
  }

  /// Queries the relations for no rows. The server then also checks rights and policies below
  /// views.
  private static func refusal(
    of relations: [String], _ connection: borrowing Connection
  ) throws -> PostgresError? {
    guard !relations.isEmpty else { return nil }
    let statements = relations.map { relation in
      let names = SourceContract.columns.filter { $0.relation == relation }.map(\.name)
      return "SELECT \(names.joined(separator: ", ")) FROM redress_source.\(relation) LIMIT 0"
    }
    do {
      try connection.savepoint {
        try connection.execute(statements.joined(separator: ";\n"), name: "source_trial")
      }
      return nil
    } catch let error as PostgresError where error.kind == .server && !error.isRetrySafe {
      return error
    }
  }
}

/// Facts about the parts of the source's views that a reader has to know.
private struct SourceMakeup {
  private struct Fact {
    let relation: String
    let kind: String
    let name: String
    let detail: String
  }

  private let facts: [Fact]
  private let relations: [String]

  init(_ connection: borrowing Connection, _ relations: [String]) throws {
    self.relations = relations
    facts = try connection.rows(.sourceMakeup, [.textArray(relations)]) { row in
      Fact(
        relation: try row.string(0), kind: try row.string(1), name: try row.string(2),
        detail: try row.string(3))
    }
  }

  func notes(_ connection: borrowing Connection) throws -> [ContractNote] {
    var zone = "UTC"
    if facts.contains(where: { $0.kind == "session_zone" }) {
      try connection.query(RedressSQL.Query.sessionZone.text) { zone = try $0.string(0) }
    }
    var notes: [ContractNote] = []
    for relation in relations {
      let ofRelation = facts.filter { $0.relation == relation }
      let parts = ofRelation.compactMap { fact -> ContractNote.VolatilePart? in
        switch fact.kind {
        case "foreign_table": .foreignTable(fact.name, wrapper: fact.detail)
        case "volatile_function": .function(fact.name)
        default: nil
        }
      }
      if !parts.isEmpty { notes.append(.oneSession(relation: relation, parts)) }
      notes += ofRelation.filter { $0.kind == "far_server" }.map { fact in
        .farRowSecurity(relation: relation, server: fact.name, options: fact.detail)
      }
      let conversions = ofRelation.filter { $0.kind == "session_zone" }.map(\.name)
      if !conversions.isEmpty, !Self.isUTC(zone) {
        notes.append(.sessionZone(relation: relation, zone: zone, conversions: conversions))
      }
    }
    return notes
  }

  /// The tables below the relation whose rows the server hides.
  func rowSecurity(of relation: String) -> [ContractViolation] {
    facts.filter { $0.relation == relation && $0.kind == "row_security" }.map { fact in
      let lines = fact.detail.split(separator: "\n", omittingEmptySubsequences: false)
        .map(String.init)
      return .rowSecurity(
        relation: relation, table: fact.name, policies: Array(lines.dropFirst()),
        reader: lines.first ?? "")
    }
  }

  /// What would leave out rows, or change their meaning, without an error.
  func silences(of relation: String) -> [ContractViolation] {
    facts.compactMap { fact in
      guard fact.relation == relation else { return nil }
      return switch fact.kind {
      case "hiding_function":
        .hidingFunction(relation: relation, function: fact.name, reader: fact.detail)
      case "wrong_type":
        .columnType(
          relation: relation, column: fact.name, found: fact.detail, expected: "numeric")
      default: nil
      }
    }
  }

  /// Names under which PostgreSQL knows UTC.
  private static func isUTC(_ zone: String) -> Bool {
    let name = zone.lowercased()
    let short = name.hasPrefix("etc/") ? String(name.dropFirst(4)) : name
    return ["utc", "uct", "gmt", "gmt0", "gmt+0", "gmt-0", "zulu", "universal", "greenwich"]
      .contains(short)
  }
}
