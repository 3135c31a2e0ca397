import Postgres
import RedressSQL

/// One parcel of rows for the ledger.
enum LedgerBatch {
  case rows(LedgerRelation, CopyRowBuffer)
  case evidence(EvidenceBatch)

  var byteCount: Int {
    switch self {
    case .rows(_, let rows): rows.count
    case .evidence(let batch): batch.contents.reduce(0) { $0 + $1.utf8.count }
    }
  }
}

/// The relations that a run fills through COPY.
enum LedgerRelation: Int, CaseIterable {
  case credits, decisions, lines, findings, carried

  func copy(into destination: LedgerDestination) -> RedressSQL.Query {
    switch (self, destination) {
    case (.credits, .ledger): .copyCredits
    case (.decisions, .ledger): .copyDecisions
    case (.lines, .ledger): .copyLines
    case (.carried, .ledger): .copyCarried
    case (.credits, .staging): .stageCredits
    case (.decisions, .staging): .stageDecisions
    case (.lines, .staging): .stageLines
    case (.carried, .staging): .stageCarried
    case (.findings, _): .copyFindings
    }
  }
}

/// Where rows are written.
public enum LedgerDestination: Sendable {
  case ledger
  /// The staged tables, out of which the run moves them into the ledger.
  case staging

  var evidence: RedressSQL.Query { self == .ledger ? .insertEvidence : .stageEvidence }
}

/// Frozen evidence that concerns single customers.
struct EvidenceBatch {
  let customers: [String]
  /// SHA-256 in hexadecimal.
  let digests: [String]
  let contents: [String]
}

/// Sends parcels in the caller's transaction. A connection can have one COPY at a time; it stays
/// open while parcels of the same relation follow.
struct LedgerCopies: ~Copyable {
  /// Set outside of a COPY only.
  private var connection: Connection?
  private var copy: CopyWriter?
  private var copied: LedgerRelation?
  private let destination: LedgerDestination

  init(connection: consuming Connection, into destination: LedgerDestination) {
    self.connection = consume connection
    self.destination = destination
    copy = nil
  }

  mutating func send(_ parcel: LedgerBatch) throws {
    switch parcel {
    case .rows(let relation, let rows):
      if copied != relation { try begin(relation) }
      try copy!.put(rows)
    case .evidence(let batch):
      let connection = try takeConnection()
      try connection.query(
        destination.evidence.text,
        [.textArray(batch.customers), .textArray(batch.digests), .textArray(batch.contents)])
      self.connection = consume connection
    }
  }

  /// Ends the COPY and returns the connection, still inside its transaction.
  consuming func finish() throws -> Connection {
    try takeConnection()
  }

  private mutating func begin(_ relation: LedgerRelation) throws(PostgresError) {
    let connection = try takeConnection()
    copy = try connection.copyIn(relation.copy(into: destination).text)
    copied = relation
  }

  private mutating func takeConnection() throws(PostgresError) -> Connection {
    copied = nil
    if let copy = copy.take() { return try copy.finish() }
    guard let connection = connection.take() else {
      preconditionFailure("the connection is either in a COPY or outside of one")
    }
    return connection
  }
}
