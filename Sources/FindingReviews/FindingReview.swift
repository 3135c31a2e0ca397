package import CreditLedger
package import Postgres
import RedressSQL
package import ServiceCredits

/// What went wrong with a decision about a finding.
package enum FindingReviewError: Error, Sendable {
  /// The ledger has no run.
  case noRun
  /// No finding of the newest run has this code and key.
  case noSuchFinding(
    code: FindingCode, key: String, relation: String?, runId: Int64, nearMiss: String?)
  /// Nobody has accepted a finding with this code and key.
  case notAccepted(code: FindingCode, key: String, relation: String?, nearMiss: String?)
  /// Findings with several keys are shown like this.
  case severalKeys(code: FindingCode, key: String, keys: [String])
  /// Rows of several relations have this key.
  case severalRelations(code: FindingCode, key: String, relations: [String])
  /// The last day is before the day as of which the newest run was.
  case isOver(until: String, asOf: Instant)
  /// Since the findings were read, another run has found something else, or somebody has decided.
  case changedMeanwhile(PostgresError)
  /// The database user may not decide.
  case mayNotDecide(PostgresError)
}

/// The finding that a person names.
package struct NamedFinding: Hashable, Sendable {
  package let code: FindingCode
  /// As in the list of findings, or without the quotes around the ids in it.
  package let key: String
  /// `nil` where the key says enough.
  package let relation: FindingKey.Relation?

  package init(code: FindingCode, key: String, relation: FindingKey.Relation?) {
    self.code = code
    self.key = key
    self.relation = relation
  }
}

/// A decision that was made.
package struct SettledFinding: Hashable, Sendable {
  /// The decision's number.
  package let number: Int32
  package let code: String
  package let relation: String
  package let key: String
  package let problem: String
}

/// Lists the findings that are open, and records what people decide about them. Reads and writes the
/// ledger only.
package struct FindingReview: Sendable {
  private let target: ConnectionTarget
  private let interruption: Interruption

  package init(target: ConnectionTarget, interruption: Interruption) {
    self.target = target
    self.interruption = interruption
  }

  /// The findings of the newest run, in the order of its report.
  /// - Throws: `FindingReviewError.noRun`.
  package func findings() throws -> (runId: Int64, findings: [OpenFinding]) {
    try interruption.reading { _ in
      let connection = try open()
      let runId = try newestRun(connection)
      return (runId, try FindingReview.findings(ofRun: runId, connection))
    }
  }

  /// Accepts every finding of the newest run that is meant.
  /// - Parameter until: the last day as of which it holds; `nil` for no end.
  /// - Throws: `FindingReviewError`.
  package func accept(
    _ named: NamedFinding, reason: String, until: CalendarDate?
  ) throws -> [SettledFinding] {
    let reader = try open()
    let runId = try newestRun(reader)
    let all = try FindingReview.findings(ofRun: runId, reader)
    if let until, let run = try RecordedRun.find(runId, reader),
      !FindingAcceptance.holds(throughDay: until.daysSinceUnixEpoch, asOf: run.asOf)
    {
      throw FindingReviewError.isOver(until: until.text, asOf: run.asOf)
    }
    let ofCode = all.filter { $0.code == named.code.rawValue }
    let meant = try named.meant(among: ofCode, relation: \.relation, key: \.key)
    guard !meant.isEmpty else {
      throw FindingReviewError.noSuchFinding(
        code: named.code, key: named.key, relation: named.relation?.rawValue, runId: runId,
        nearMiss: named.nearMiss(among: ofCode.map(\.key)))
    }
    try named.requireOneRelation(meant.map(\.relation))
    return try settle("accept", meant.map(\.identity), reason: reason, until: until)
  }

  /// Ends every acceptance that holds for what is named.
  /// - Throws: `FindingReviewError`.
  package func withdraw(_ named: NamedFinding, reason: String) throws -> [SettledFinding] {
    let held = try FindingAcceptances(try open(), asOf: nil).held
      .sorted { $0.value.number < $1.value.number }.map(\.key)
    let ofCode = held.filter { $0.code.elementsEqual(named.code.rawValue.utf8) }
    let meant = try named.meant(
      among: ofCode, relation: { String(decoding: $0.relation, as: UTF8.self) },
      key: { String(decoding: $0.key, as: UTF8.self) })
    guard !meant.isEmpty else {
      throw FindingReviewError.notAccepted(
        code: named.code, key: named.key, relation: named.relation?.rawValue,
        nearMiss: named.nearMiss(among: ofCode.map { String(decoding: $0.key, as: UTF8.self) }))
    }
    try named.requireOneRelation(meant.map { String(decoding: $0.relation, as: UTF8.self) })
    return try settle("withdraw", meant, reason: reason, until: nil)
  }

  // MARK: Reading

  private func open() throws -> Connection {
    let connection = try interruption.connect(target)
    _ = try Snapshot(connection, needs: .ledger, nodes: NodeAccess(target, interruption))
    return connection
  }

  private func newestRun(_ connection: borrowing Connection) throws -> Int64 {
    let runId = try RecordedRun.newest(connection)
    guard runId > 0 else { throw FindingReviewError.noRun }
    return runId
  }

  private static func findings(
    ofRun runId: Int64, _ connection: borrowing Connection
  ) throws -> [OpenFinding] {
    var found: [OpenFinding] = []
    try connection.query(RedressSQL.Query.listFindings.text, [.int64(runId)]) { row in
      var acceptance: OpenFinding.Acceptance?
      if !row.isNull(8) {
        acceptance = OpenFinding.Acceptance(
          number: try row.int32(8), by: try row.string(9),
          at: Instant(microseconds: try row.timestamp(10)),
          until: row.isNull(11)
            ? nil : CalendarDate(daysSinceUnixEpoch: try row.date(11)).text,
          reason: try row.string(12))
      }
      found.append(
        OpenFinding(
          code: try row.string(0), relation: try row.string(1), key: try row.string(2),
          problem: try row.string(3), remedy: try row.string(4), sinceRun: try row.int64(5),
          since: Instant(microseconds: try row.timestamp(6)), isNew: try row.bool(7),
          acceptance: acceptance))
    }
    return found
  }

  // MARK: Deciding

  /// One transaction for all of it. What was read may be another run's by now; then the database
  /// refuses.
  private func settle(
    _ action: String, _ findings: [FindingIdentity], reason: String, until: CalendarDate?
  ) throws -> [SettledFinding] {
    let connection = try interruption.connect(target)
    do {
      try connection.begin(.writing, lockTimeoutSeconds: Snapshot.furtherWaitSeconds)
      var settled: [SettledFinding] = []
      var known: Set<FindingIdentity> = []
      for finding in findings where known.insert(finding).inserted {
        let texts = [finding.code, finding.relation, finding.key, finding.problem].map {
          String(decoding: $0, as: UTF8.self)
        }
        try connection.query(
          RedressSQL.Query.settleFinding.text,
          [.text(action)] + texts.map { .text($0) }
            + [.text(reason), until.map { .date($0.daysSinceUnixEpoch) } ?? .null]
        ) { row in
          settled.append(
            SettledFinding(
              number: try row.int32(0), code: texts[0], relation: texts[1], key: texts[2],
              problem: texts[3]))
        }
      }
      try connection.commit()
      return settled
    } catch let error as PostgresError where error.sqlState == "42501" {
      throw FindingReviewError.mayNotDecide(error)
    } catch let error as PostgresError where error.sqlState == "22023" {
      throw FindingReviewError.changedMeanwhile(error)
    }
  }
}

extension OpenFinding {
  var identity: FindingIdentity {
    FindingIdentity(
      code: Array(code.utf8), relation: Array(relation.utf8), key: Array(key.utf8),
      problem: Array(problem.utf8))
  }
}

extension NamedFinding {
  func requireOneRelation(_ relations: [String]) throws(FindingReviewError) {
    let found = Set(relations).sorted()
    guard found.count > 1 else { return }
    throw .severalRelations(code: code, key: key, relations: found)
  }
}
