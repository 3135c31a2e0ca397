import CreditLedger
import FrozenEvidence
import Postgres
import ServiceCredits

/// What a night comes to besides the rows and lines of its customers.
struct NightResult {
  /// What all customers share, as it is frozen.
  let evidence: SharedEvidence
  let usedVersions: [Int]
  let transferred: TransferredSubscriptions
  /// Parts whose rows are staged.
  let parts: [FinishedPart]

  /// Of one process.
  init(_ night: borrowing ReconciliationContext) {
    let trace = NightTrace(night)
    evidence = SharedEvidence(trace, catalogue: night.catalogue, policy: night.policy)
    usedVersions = trace.usedVersions(night.catalogue, night.policy)
    transferred = night.transferred
    parts = []
  }

  init(
    _ ground: NightGround, _ transferred: TransferredSubscriptions,
    _ first: NightTrace, _ parts: [FinishedPart]
  ) {
    var trace = first
    for part in parts { trace.add(part.trace) }
    evidence = SharedEvidence(trace, catalogue: ground.catalogue, policy: ground.policy)
    usedVersions = trace.usedVersions(ground.catalogue, ground.policy)
    self.transferred = transferred
    self.parts = parts
  }

  /// `nil` where nothing is staged.
  var staged: StagedParts? { parts.isEmpty ? nil : StagedParts(parts.map(\.number)) }

  /// Moves what the parts have staged into the ledger.
  /// - Parameter connection: inside the run's transaction.
  func move(
    _ connection: borrowing Connection, _ runId: Int64, _ carried: CarryingForward
  ) throws {
    try staged?.move(
      into: runId, connection, credits: parts.reduce(0) { $0 + $1.counts.credits },
      lines: parts.reduce(0) { $0 + $1.counts.ownLines }, withCarried: carried.runId == runId)
  }
}
