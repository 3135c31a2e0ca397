import CreditLedger
import LedgerReports
import ServiceCredits

/// How many customers and subscriptions of the source were reconciled.
struct ReconciledCounts {
  var customers = 0
  var subscriptions = 0
}

extension RunSummary {
  mutating func add(_ counts: ReconciledCounts) {
    customers += counts.customers
    subscriptions += counts.subscriptions
  }
}

/// Calculates customer by customer, and hands over what comes of it.
struct CustomerPass: ~Copyable {
  private(set) var counts = ReconciledCounts()
  private var records = CustomerRecords()
  private var reconciliation: CustomerReconciliation
  private var rewritings = PastRewritings()
  private var invoices = ChangedInvoices()
  private var done = 0

  init(_ plan: ReconciliationPlan) {
    reconciliation = CustomerReconciliation(
      at: FeeMoments(asOf: plan.asOf, window: plan.months))
  }

  /// - Parameter tick: called now and then with the customers done and the rows read.
  mutating func run(
    _ streams: consuming SourceStreams, _ night: inout ReconciliationContext,
    sink: inout some ReconciliationSink & ~Copyable, tick: (_ done: Int, _ rows: Int) throws -> Void
  ) throws {
    var streams = consume streams
    while try streams.next(into: &records, report: { try sink.report($0) }) {
      let zone = try CustomerZone(of: records, night: &night) { try sink.report($0) }
      try reconciliation.run(
        records, zone: zone.number, isParked: zone.isUnknown, night: &night
      ) { try sink.report($0) }
      for fee in reconciliation.feesInForce { sink.add(fee) }
      try sink.emit(reconciliation, records, night: &night)
      rewritings.add(reconciliation, records)
      if rewritings.isFull { try tellRewritings(night, &sink) }
      try invoices.add(reconciliation, records, night: night) { finding, isLate in
        try isLate ? sink.report(finding, after: .changedInvoice) : sink.report(finding)
      }
      if records.isKnown { counts.customers += 1 }
      counts.subscriptions += reconciliation.subscriptionCount
      done += 1
      if done % 1024 == 0 { try tick(done, streams.rowsRead) }
    }
  }

  /// Looks up what is left of that which is looked up for many customers at a time.
  mutating func lookUp(
    _ night: borrowing ReconciliationContext, sink: inout some ReconciliationSink & ~Copyable
  ) throws {
    try tellRewritings(night, &sink)
    try invoices.ask(night) { try sink.report($0, after: .changedInvoice) }
  }

  private mutating func tellRewritings(
    _ night: borrowing ReconciliationContext, _ sink: inout some ReconciliationSink & ~Copyable
  ) throws {
    try rewritings.ask(night) { finding, _ in try sink.report(finding, after: .rewrittenPast) }
  }
}
