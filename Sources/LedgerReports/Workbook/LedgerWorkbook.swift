package import CreditLedger
import Documents
import OutputFiles
import ServiceCredits
import Workbooks

/// The credits of a run or of a month as a workbook. Its sheets are the lines, the invoice lines
/// (several of each if one sheet cannot hold them), the totals, the findings, and notes for the
/// reader.
struct LedgerWorkbook: ~Copyable {
  private var book: Workbook
  private let ofMonth: Bool
  private let linesPerSheet: Int
  private var lineSheets = 1
  private var invoiceSheets = 1
  private var invoiceSums: [LineSums] = []

  init(
    path: String, folder: String, title: String, created: Instant, ofMonth: Bool,
    linesPerSheet: Int = Workbook.rowsPerSheet
  ) throws(WorkbookError) {
    var book = try Workbook(
      path: path, temporaryFolder: folder, title: title, created: created.microseconds / 1_000_000)
    try book.begin("credits", CreditLine.sheetColumns(ofMonth: ofMonth))
    self.book = book
    self.ofMonth = ofMonth
    self.linesPerSheet = linesPerSheet
  }

  // MARK: Lines

  mutating func append(_ line: CreditLine) throws(WorkbookError) {
    if book.rows == linesPerSheet {
      try book.endSheet()
      lineSheets += 1
      try book.begin("credits \(lineSheets)", CreditLine.sheetColumns(ofMonth: ofMonth))
    }
    try line.append(to: &book)
  }

  /// Ends the lines with a row of sums for each currency.
  mutating func endLines(_ sums: [LineSums]) throws(WorkbookError) {
    if book.rows + sums.count > linesPerSheet {
      try book.endSheet()
      lineSheets += 1
      try book.begin("credits \(lineSheets)", CreditLine.sheetColumns(ofMonth: ofMonth))
    }
    let columns = CreditLine.columns.filter { !ofMonth || $0 != "kind" }
    for sum in sums { try append(sum, columns) }
    try book.endSheet(sums: sums.count)
  }

  private mutating func append(
    _ sum: LineSums, _ columns: [String]
  ) throws(WorkbookError) {
    for (position, column) in columns.enumerated() {
      if position == 0 {
        try book.append(sumText: "sum")
      } else if column == "currency" {
        try book.append(sumText: sum.currency.code)
      } else if let minor = sum.minor(of: column) {
        try book.append(
          sum: minor, decimals: column.hasSuffix("_minor") ? 0 : Int(sum.currency.exponent))
      } else {
        try book.append(sumText: "")
      }
    }
    try book.endRow()
  }

  // MARK: Invoice lines

  mutating func beginInvoiceLines() throws(WorkbookError) {
    invoiceSums = []
    invoiceSheets = 1
    try book.begin("invoice lines", InvoiceLine.sheetColumns)
  }

  mutating func append(_ line: InvoiceLine) throws(WorkbookError) {
    if book.rows == linesPerSheet { try beginMoreInvoiceLines() }
    try line.append(to: &book)
    let currency = line.amount.currency
    let known = invoiceSums.firstIndex { $0.currency == currency }
    if known == nil { invoiceSums.append(LineSums(currency: currency)) }
    invoiceSums[known ?? invoiceSums.count - 1].placed += Int128(line.placedMinor)
  }

  private mutating func beginMoreInvoiceLines() throws(WorkbookError) {
    try book.endSheet()
    invoiceSheets += 1
    try book.begin("invoice lines \(invoiceSheets)", InvoiceLine.sheetColumns)
  }

  mutating func endInvoiceLines() throws(WorkbookError) {
    let sums = invoiceSums.sorted { $0.currency < $1.currency }
    if book.rows + sums.count > linesPerSheet { try beginMoreInvoiceLines() }
    for sum in sums { try append(sum, Array(InvoiceLine.columns.dropFirst())) }
    try book.endSheet(sums: sums.count)
  }

  // MARK: Totals

  /// Writes the control totals of a run, the same as in its JSON.
  mutating func append(_ totals: [RunSummary.CurrencyTotal]) throws(WorkbookError) {
    try beginTotals()
    for total in totals where !total.isUnchanged {
      var (rows, minor) = (0 as Int64, 0 as Int128)
      for kind in RevisionKind.allCases {
        try append(
          total.currency, kind.rawValue, rows: total.rows[kind],
          minor: total.amountMinor[kind])
        rows += total.rows[kind]
        minor += total.amountMinor[kind]
      }
      try append(total.currency, "net", rows: rows, minor: minor)
      try append(total.currency, total.placement)
      for (kind, sum) in [("set_off", total.setOff), ("set_off_undone", total.setOffUndone)]
      where sum.rows > 0 {
        try append(total.currency, kind, rows: sum.rows, minor: sum.amountMinor)
      }
    }
    try book.endSheet()
  }

  /// Writes what the credits of a month are worth, and how much of them is on invoices.
  mutating func append(_ totals: MonthTotals, _ setOffs: [SetOffs]) throws(WorkbookError) {
    try beginTotals()
    for total in totals.currencies.sorted(by: { $0.currency < $1.currency }) {
      try append(
        total.currency, "entitled", rows: total.entitled.rows, minor: total.entitled.amountMinor)
      try append(total.currency, total.placement)
    }
    for setOff in setOffs {
      for (kind, sum) in [("set_off", setOff.given), ("set_off_taken", setOff.taken)] {
        try append(setOff.currency, kind, rows: sum.rows, minor: sum.amountMinor)
      }
    }
    try book.endSheet()
  }

  private mutating func beginTotals() throws(WorkbookError) {
    try book.begin(
      "totals",
      [
        SheetColumn("currency", width: 10), SheetColumn("kind", width: 14),
        SheetColumn("rows", width: 12), SheetColumn("amount", width: 20),
        SheetColumn("amount_minor", width: 20),
      ])
  }

  private mutating func append(
    _ currency: Currency, _ totals: PlacementTotals
  ) throws(WorkbookError) {
    for place in PlacementTotals.Place.allCases {
      let sum = totals[place]
      try append(currency, place.rawValue, rows: sum.rows, minor: sum.amountMinor)
    }
  }

  private mutating func append(
    _ currency: Currency, _ kind: String, rows: Int64, minor: Int128
  ) throws(WorkbookError) {
    try book.append(text: currency.code)
    try book.append(text: kind)
    try book.append(rows, grouped: true)
    try book.append(wide: minor, decimals: Int(currency.exponent), grouped: true)
    try book.append(wide: minor)
    try book.endRow()
  }

  // MARK: Findings

  mutating func beginFindings() throws(WorkbookError) {
    let widths = [24, 20, 40, 70, 70, 16, 16, 40]
    try book.begin("findings", zip(FindingText.columns, widths).map { SheetColumn($0, width: $1) })
  }

  mutating func append(findingCells cells: [UnsafeRawBufferPointer]) throws(WorkbookError) {
    for cell in cells { try book.append(text: cell) }
    try book.endRow()
  }

  mutating func endFindings() throws(WorkbookError) { try book.endSheet() }

  // MARK: Notes

  /// Writes the notes and ends the workbook.
  consuming func close(about facts: [(name: String, value: String)]) throws(WorkbookError) {
    let (cut, exact) = (book.cutTexts, book.numbersAsText)
    try book.begin("notes", [SheetColumn("about", width: 24), SheetColumn("note", width: 100)])
    var notes = facts
    notes.append(
      (
        "invoices",
        "invoice_id is the invoice that carries all that is placed. It is empty where several invoices carry parts; invoices says how many, and the sheet invoice lines has each part."
      ))
    notes.append(
      (
        "open and overcredited",
        "open is still owed to the customer. overcredited is what invoices carry above what is due. No total nets them. rows counts the lines with such an amount."
      ))
    notes.append(
      (
        "set off",
        "set_off is what credits gave back of what invoices carry too much, for other credits of the customer to take; set_off_taken is what they took; set_off_undone is what was given back before and is not any more. It is on the invoice id \(SetOffInvoice.id), which is no invoice, and in placed on both sides."
      ))
    notes.append(
      (
        "invoice lines",
        ofMonth
          ? "Every line on an invoice, with who wrote it. They add up to placed."
          : "origin is run or earlier for lines of the credits here, by this run and before it: they add up to placed. It is open for lines of this run for credits that it did not change."
      ))
    notes.append(("times", "In UTC. A counted time is hours:minutes:seconds."))
    if lineSheets > 1 {
      notes.append(
        ("sheets", "A sheet takes \(linesPerSheet) lines; the credits are on \(lineSheets) sheets.")
      )
    }
    if exact > 0 {
      notes.append(
        (
          "long numbers",
          "Not every spreadsheet shows more than 14 digits. \(exact) numbers have more and are texts, so that none is rounded."
        ))
    }
    if cut > 0 {
      notes.append(
        ("long texts", "A cell takes 32,767 characters. \(cut) texts are cut and end in …"))
    }
    for (name, value) in notes {
      try book.append(text: name)
      try book.append(text: value)
      try book.endRow()
    }
    try book.endSheet()
    try book.close()
  }
}

/// The sums of the amounts of a sheet in one currency, in minor units.
struct LineSums {
  let currency: Currency
  /// `nil` where lines have no such column.
  var amount: Int128?
  var placed: Int128 = 0
  var open: Int128 = 0
  var overcredited: Int128 = 0

  init(currency: Currency) { self.currency = currency }

  init(currency: Currency, amount: Int128, _ placement: PlacementTotals) {
    self.currency = currency
    self.amount = amount
    placed = placement[.placed].amountMinor
    open = placement[.open].amountMinor
    overcredited = placement[.overcredited].amountMinor
  }

  /// The sum of a column; `nil` if it has none.
  func minor(of column: String) -> Int128? {
    switch column {
    case "amount", "amount_minor": amount
    case "placed", "placed_minor": placed
    case "open", "open_minor": open
    case "overcredited", "overcredited_minor": overcredited
    default: nil
    }
  }
}

/// What the credits of a month are worth, and how much of them is on invoices, by currency.
struct MonthTotals {
  struct CurrencyTotal {
    let currency: Currency
    var entitled = PlacementTotals.Sum()
    var placement = PlacementTotals()
  }

  private(set) var currencies: [CurrencyTotal] = []

  mutating func add(_ line: CreditLine) {
    let currency = line.amount.currency
    var position = currencies.firstIndex { $0.currency == currency }
    if position == nil {
      currencies.append(CurrencyTotal(currency: currency))
      position = currencies.count - 1
    }
    currencies[position!].entitled.add(line.amount.amountMinor)
    currencies[position!].placement.add(line.placement)
  }

  /// Ascending by currency.
  var sums: [LineSums] {
    currencies.sorted { $0.currency < $1.currency }.map {
      LineSums(currency: $0.currency, amount: $0.entitled.amountMinor, $0.placement)
    }
  }
}

extension RunSummary.CurrencyTotal {
  /// Those of the lines of a run.
  fileprivate var sums: LineSums {
    let net = RevisionKind.allCases.reduce(0 as Int128) { $0 + amountMinor[$1] }
    return LineSums(currency: currency, amount: net, placement)
  }
}

extension LedgerReport {
  /// Writes a run or a month as a workbook into `folder`, with the same lines as the CSV.
  ///
  /// A month has the findings of the newest run that reconciled it.
  /// - Returns: the file's path.
  package func writeWorkbook(_ selection: LedgerSelection, folder: String) throws -> [String] {
    try AtomicFile.prepareFolder(folder)
    return try interruption.reading { _ in try writeWorkbookOnce(selection, folder) }
  }

  private func writeWorkbookOnce(
    _ selection: LedgerSelection, _ folder: String
  ) throws -> [String] {
    var reader = try LedgerReader(self)
    let run: RecordedRun?
    let middle: String
    switch selection {
    case .run(let runId):
      run = try reader.run(runId)
      middle = "run-\(runId)"
    case .month(let month), .monthAt(let month, _):
      run = try RecordedRun.newest(reconciling: month, reader.connection)
      middle = month.text
    }
    var file = try AtomicFile(folder: folder, name: "credits-\(middle).xlsx")
    try reader.writeWorkbook(
      selection, run, to: file, notes: reader.facts(selection, run), title: "Credits \(middle)")
    try file.publish(.replacing)
    try AtomicFile.syncFolder(folder)
    return ["\(folder)/\(file.name)"]
  }
}

extension LedgerReader {
  /// Writes the content of a file that is still hidden.
  /// - Parameters:
  ///   - run: the run whose findings are written.
  ///   - notes: what the workbook says of itself first.
  ///   - hasNumber: whether the lines say of which run they are.
  mutating func writeWorkbook(
    _ selection: LedgerSelection, _ run: RecordedRun?, to file: borrowing AtomicFile,
    notes: [(name: String, value: String)], title: String, hasNumber: Bool = true
  ) throws {
    let path = "\(file.folder)/\(file.name)"
    do {
      try write(
        selection, run, to: file.hiddenPath, folder: file.folder, notes: notes, title: title,
        hasNumber: hasNumber)
    } catch let error as WorkbookError {
      switch error {
      case .create(let code): throw FileError(.create, path, code)
      case .write(let code): throw FileError(.write, path, code)
      case .incomplete: throw ReportError.workbookIncomplete(path: path)
      case .outOfMemory: throw FileError(.write, path, FileError.outOfMemory)
      }
    }
  }

  private mutating func write(
    _ selection: LedgerSelection, _ run: RecordedRun?, to path: String, folder: String,
    notes: [(name: String, value: String)], title: String, hasNumber: Bool
  ) throws {
    let ofMonth = selection.month != nil
    var book = try LedgerWorkbook(
      path: path, folder: folder, title: title, created: run?.asOf ?? Instant(microseconds: 0),
      ofMonth: ofMonth)
    var runTotals = RunTotals()
    var monthTotals = MonthTotals()
    var lines: Int64 = 0
    try forEachLine(selection) { entry, line, _ in
      var line = line
      line.hasNumber = hasNumber
      lines += 1
      if ofMonth {
        monthTotals.add(line)
      } else {
        runTotals.add(entry.kind, entry.amount)
        runTotals.add(line.placement, line.amount.currency)
      }
      try book.append(line)
    }
    let totals = runTotals.currencies.sorted { $0.currency < $1.currency }
    try book.endLines(ofMonth ? monthTotals.sums : totals.map(\.sums))
    try book.beginInvoiceLines()
    try forEachInvoiceLine(selection) { try book.append($0) }
    try book.endInvoiceLines()
    if ofMonth {
      try book.append(monthTotals, try SetOffs.all(selection, connection))
    } else {
      if case .run(let runId) = selection { try addSetOffs(ofRun: runId, to: &runTotals) }
      try book.append(runTotals.currencies.sorted { $0.currency < $1.currency })
    }
    try book.beginFindings()
    if let run { try forEachFinding(ofRun: run.runId) { try book.append(findingCells: $0) } }
    try book.endFindings()
    try book.close(about: notes + [("lines", "\(lines)")])
  }

  /// What a workbook says of the run or the month that it is about.
  func facts(
    _ selection: LedgerSelection, _ run: RecordedRun?
  ) -> [(name: String, value: String)] {
    var notes: [(name: String, value: String)] = []
    switch selection {
    case .run(let runId): notes.append(("run", "\(runId)"))
    case .month(let month), .monthAt(let month, _):
      notes.append(("month", month.text))
      notes.append(
        (
          "findings",
          run.map { "Those of run \($0.runId), the newest that reconciled the month." }
            ?? "No run has reconciled the month."
        ))
    }
    if let run {
      notes.append(("as of", run.asOf.text))
      notes.append(
        ("months of the run", "\(run.months.lowerBound.text) to \(run.months.upperBound.text)"))
    }
    return notes
  }
}
