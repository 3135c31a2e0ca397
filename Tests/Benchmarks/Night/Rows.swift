import Benchmark
import CreditLedger
import Documents
import LedgerReports
import Postgres
import ServiceCredits

/// The rows of redress_source.subscription_term as they come out of `COPY … TO STDOUT (FORMAT
/// binary)`.
func decoderBenchmarks() {
  Benchmark("COPY OUT: a row of 8 columns, decoded") { benchmark in
    let messages = termMessages(count: benchmark.scaledIterations.count)
    var decoder = CopyRowDecoder(columns: 8)
    try copyHeader.withUnsafeBytes {
      try decoder.load($0)
      guard try !decoder.next() else { preconditionFailure("a header is no row") }
    }
    var sum: Int64 = 0
    try benchmark.measure {
      for message in messages {
        try message.withUnsafeBytes { bytes in
          try decoder.load(bytes)
          while try decoder.next() {
            for column in [0, 1, 2, 3, 5] { sum &+= Int64(decoder.bytes(column).count) }
            if case .micros(let fee) = try decoder.numericMicros(4) { sum &+= fee }
            sum &+= try decoder.timestamp(6)
            if !decoder.isNull(7) { sum &+= try decoder.timestamp(7) }
          }
        }
      }
    }
    blackHole(sum)
  }
}

/// The rows of redress.credit_revision, redress.decision and redress.invoice_line as they go into
/// `COPY … FROM STDIN (FORMAT binary)`.
func encoderBenchmarks() {
  Benchmark("COPY IN: a credit, encoded") { benchmark in
    let rows = CopyRowBuffer(capacity: 1 << 20)
    Credit.borrowed { credit, _, _ in
      benchmark.measure {
        for _ in benchmark.scaledIterations { credit.append(to: rows) }
      }
    }
    blackHole(rows.count)
  }
  Benchmark("COPY IN: the number of a decision that is known") { benchmark in
    let rows = CopyRowBuffer(capacity: 1 << 20)
    var numbers = DecisionNumbers()
    var sum: Int32 = 0
    Credit.borrowed { _, decision, _ in
      benchmark.measure {
        for _ in benchmark.scaledIterations {
          let known = numbers.number(of: decision) { fields, number in
            rows.appendDecision(fields, runId: 1, number: number)
          }
          sum &+= known.number
        }
      }
    }
    blackHole(sum)
  }
  Benchmark("COPY IN: an invoice line, encoded") { benchmark in
    let rows = CopyRowBuffer(capacity: 1 << 20)
    Credit.borrowed { credit, _, line in
      benchmark.measure {
        for _ in benchmark.scaledIterations {
          rows.appendLine(
            customerId: credit.customerId, subscriptionId: credit.subscriptionId,
            incidentId: credit.incidentId, month: credit.month, currency: credit.currency,
            number: 1, runId: 1, invoiceId: line.placement.invoiceId, amountMinor: -833)
        }
      }
    }
    blackHole(rows.count)
  }
}

/// The lines of the credits file.
func fileBenchmarks() {
  Benchmark("CSV: a credit") { benchmark in
    var file: [UInt8] = []
    file.reserveCapacity(1 << 20)
    Credit.borrowed { _, _, line in
      benchmark.measure {
        for _ in benchmark.scaledIterations { line.appendCSV(to: &file) }
      }
    }
    blackHole(file.count)
  }
  Benchmark("CSV: a credit of a shared decision") { benchmark in
    var file: [UInt8] = []
    file.reserveCapacity(1 << 20)
    Credit.borrowed { _, _, line in
      var month: [UInt8] = []
      line.appendMonthCSV(to: &month)
      var others: [UInt8] = []
      line.appendDecisionCSV(to: &others)
      month.withUnsafeBytes { month in
        others.withUnsafeBytes { others in
          let decision = CreditLine.DecisionCells(month: month, others: others)
          benchmark.measure {
            for _ in benchmark.scaledIterations { line.appendCSV(to: &file, decision: decision) }
          }
        }
      }
    }
    blackHole(file.count)
  }
}

/// Signature, no flags, no extension.
private let copyHeader: [UInt8] =
  Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00] + [UInt8](repeating: 0, count: 8)

/// One row a message, as the server sends them.
private func termMessages(count: Int) -> [[UInt8]] {
  let row = CopyRowBuffer(capacity: 256)
  return (0..<count).map { (number: Int) -> [UInt8] in
    row.removeAll()
    row.beginRow(columns: 8)
    row.append(text: "cus_\(10_000_000 + number / 4)")
    row.append(text: "sub_\(100_000_000 + number)")
    row.append(text: "svc-0\(number % 10)")
    row.append(text: "business")
    row.append(numericMicros: number % 9 == 0 ? 83_333_333 : 249_500_000)
    row.append(text: "USD")
    row.append(timestamp: Month.start.microseconds - Int64(number) * 3_600_000_000)
    if number % 20 == 0 {
      row.append(timestamp: Month.start.microseconds + Int64(number) * 1_000_000)
    } else {
      row.appendNull()
    }
    return row.withUnsafeBytes { Array($0) }
  }
}

/// A credit as the large month has a million.
private enum Credit {
  static func borrowed(_ body: (CreditRow, DecisionRow, CreditLine) -> Void) {
    let month = BillingMonth(year: 2026, month: 10)
    guard let revision = Revision(bringing: nil, to: 833, isReconciled: true) else {
      preconditionFailure("a first amount is one grant")
    }
    let tier = CreditTier(
      severity: .p0, longerThanMicroseconds: 3_600_000_000, credit: BasisPoints(1000))
    let texts = [
      "cus_00012345", "sub_000123456", "svc-03", "Sign-in", "annual", "INC-2008",
      "Errors in Sign-in, no. 2008", "Bäckerei Logistics, Inc.", "business",
      "outage-response-1", "Europe/Berlin", "in_00012345",
    ].map { Array($0.utf8) }
    borrow(texts) { text in
      let row = CreditRow(
        customerId: text[0], subscriptionId: text[1], incidentId: text[5], month: month,
        currency: Month.dollars, revision: revision, linesThrough: 1, runId: 1,
        percent: tier.credit, firstInstant: Month.hours(273, 276).start, decision: 1,
        feeMicros: 83_333_333, customerName: text[7], customerTier: text[8], invoiceId: text[11],
        reason: nil, terms: nil, customerEvidence: nil)
      let decision = DecisionRow(
        percentBeforeCap: tier.credit, countedMicroseconds: 10_800_000_000,
        basis: DecisionRow.Basis(
          serviceId: text[2], plan: text[4], severity: .p0, outageEnd: Month.hours(273, 276).end,
          longerThanMicroseconds: tier.longerThanMicroseconds, policyVersion: text[9],
          timeZone: text[10]))
      let line = CreditLine(
        runId: 1, kind: .grant, month: month, customerId: text[0], customerName: text[7],
        customerTier: text[8], subscriptionId: text[1], incidentId: text[5],
        incidentTitle: text[6],
        basis: CreditLine.Basis(
          serviceId: text[2], serviceName: text[3], plan: text[4], severity: .p0,
          outage: Month.hours(273, 276), tier: tier, feeMicros: 83_333_333,
          policyVersion: text[9]),
        countedMicroseconds: 10_800_000_000, percent: tier.credit, percentBeforeCap: tier.credit,
        amount: Money(amountMinor: 833, currency: Month.dollars),
        placement: CreditPlacement(
          entitledMinor: 833, placedMinor: 833, invoices: 1, invoiceId: text[11]),
        posting: CreditLine.Posting(day: CalendarDate(firstOf: month), isLate: false))
      body(row, decision, line)
    }
  }

  /// Holds all `texts` in place while `body` runs.
  private static func borrow(
    _ texts: [[UInt8]], _ body: ([UnsafeRawBufferPointer]) -> Void
  ) {
    let all = texts.flatMap { $0 }
    all.withUnsafeBytes { bytes in
      var start = 0
      body(
        texts.map { text in
          defer { start += text.count }
          return UnsafeRawBufferPointer(rebasing: bytes[start..<start + text.count])
        })
    }
  }
}
