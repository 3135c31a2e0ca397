package import CreditLedger
import LedgerReports
import OutputFiles
import Postgres
import ServiceCredits

/// What a credit is expected to gain or lose: an estimate, which no run has worked out.
struct ExpectedCredit: Sendable {
  let customerId: [UInt8]
  let customerName: [UInt8]
  let subscriptionId: [UInt8]
  let incidentId: [UInt8]
  /// Whether the incident is not resolved at the as-of instant.
  let isOpen: Bool
  let month: BillingMonth
  /// What would be added; negative where it would be taken back.
  let change: Money
  /// What the ledger has, in minor units.
  let recordedMinor: Int64
}

/// Estimates what is not in the ledger yet: a run whose result is thrown away, for which every sound incident
/// that is open ended at its as-of instant.
///
/// Bad rows are held as in a run, and so are credits of closed months.
package struct ExpectedCredits: Sendable {
  private let request: ReconciliationRequest
  private let interruption: Interruption

  package init(request: ReconciliationRequest, interruption: Interruption = Interruption()) {
    var request = request
    request.assumesResolved = true
    self.request = request
    self.interruption = interruption
  }

  /// Writes a CSV with a line for each credit that would change, by customer, subscription, incident and month.
  /// - Parameter name: the file's name in errors.
  package func write(descriptor: Int32, name: String) throws {
    try interruption.reading { voice in
      let connection = try interruption.connect(request.target)
      let snapshot = try Snapshot(
        connection, needs: .reading, nodes: NodeAccess(request.target, interruption))
      var request = request
      try request.resolvePolicy(connection)
      let pass = Reconciliation(request: request, interruption: interruption)
      let plan = try pass.plan(connection, snapshot)
      try pass.checkPolicy(connection, plan, isDryRun: true)
      var summary = RunSummary()
      var stages = StageClock()
      var sink = ExpectedSink(
        file: DescriptorSink(descriptor: descriptor, name: name, willWrite: voice.raise))
      try sink.file.append { ExpectedCreditLine.appendHeader(to: &$0) }
      _ = try pass.run(
        connection, snapshot, plan, sink: &sink, summary: &summary, stages: &stages,
        progress: { _, _ in })
      try sink.file.flush()
    }
  }
}

private struct ExpectedSink: ReconciliationSink, ~Copyable {
  var file: DescriptorSink

  // A run tells what is wrong.
  mutating func report(_ finding: Finding) throws {}
  mutating func report(_ finding: Finding, after kind: LateFinding) throws {}
  mutating func carryForward(before month: BillingMonth, after newest: CarriedForward?) {}
  mutating func add(_ fee: FeeInForce) {}

  mutating func emit(
    _ pass: borrowing CustomerReconciliation, _ records: borrowing CustomerRecords,
    night: inout ReconciliationContext
  ) throws {
    let arena = records.arena
    for position in pass.keys.indices {
      let key = pass.keys[position]
      guard let revision = key.revision else { continue }
      let amountMinor = pass.revisions[Int(revision)].revision.amountMinor
      let incident = night.catalogue.incidentNumbers.find(arena[key.incident])
      let isResolved =
        incident.map {
          night.catalogue.incidents[$0.index].isResolved(asOf: night.catalogue.asOf)
        } ?? true
      let credit = ExpectedCredit(
        customerId: Array(arena[records.id]), customerName: Array(arena[records.name]),
        subscriptionId: Array(arena[key.subscription]), incidentId: Array(arena[key.incident]),
        isOpen: !isResolved, month: key.month,
        change: Money(amountMinor: amountMinor, currency: key.currency),
        recordedMinor: key.entitledMinor - amountMinor)
      try file.append { ExpectedCreditLine.append(credit, to: &$0) }
    }
  }
}
