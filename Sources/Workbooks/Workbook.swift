internal import CLibXLSXWriter
import Glibc

/// Why a workbook could not be written. The codes are the system's `errno`.
public enum WorkbookError: Error, Hashable, Sendable {
  /// The file or a temporary file could not be created.
  case create(Int32)
  case write(Int32)
  /// A part of the file was lost while it was written.
  case incomplete
  case outOfMemory
}

/// A column of a sheet.
public struct SheetColumn: Sendable {
  public let title: String
  /// In characters.
  public let width: Int

  public init(_ title: String, width: Int) {
    self.title = title
    self.width = width
  }
}

/// Writes a spreadsheet file in the format of Office Open XML, sheet by sheet, row by row, cell by
/// cell.
///
/// Uses libxlsxwriter's constant-memory mode: a row is in a temporary file when the next one
/// begins, so memory does not grow with the number of rows. The temporary files have no names and
/// disappear with the process.
///
/// The same calls give the same bytes.
public struct Workbook: ~Copyable {
  /// The most rows of a sheet, without its header.
  public static let rowsPerSheet = 1_048_575

  /// How many texts were cut, and how many numbers have too many digits and were written as text.
  public private(set) var cutTexts = 0
  public private(set) var numbersAsText = 0

  private let book: UnsafeMutablePointer<lxw_workbook>
  private let path: String
  private var styles: [CellStyle: UnsafeMutablePointer<lxw_format>] = [:]
  private var sheet: Sheet?
  /// The number of bytes of each finished sheet's rows, for the check at the end.
  private var rowBytes: [Int64] = []
  private var isClosed = false
  /// The text of the current cell, with a zero byte at its end.
  private var cell: [CChar] = []

  private struct Sheet {
    let pointer: UnsafeMutablePointer<lxw_worksheet>
    let columns: [SheetColumn]
    var row: UInt32 = 0
    var column: UInt16 = 0
  }

  /// - Parameters:
  ///   - path: the file. It is written when the workbook is closed, and replaces an existing file.
  ///   - temporaryFolder: holds the rows until then.
  ///   - created: the creation time in the file, in seconds since 1970.
  public init(
    path: String, temporaryFolder: String, title: String, created: Int64
  ) throws(WorkbookError) {
    let opened = temporaryFolder.withCString { folder in
      var options = lxw_workbook_options()
      options.constant_memory = 1
      // The library copies the name.
      options.tmpdir = UnsafeMutablePointer(mutating: folder)
      return workbook_new_opt(path, &options)
    }
    guard let opened else { throw .outOfMemory }
    let failure = title.withCString { title in
      var properties = lxw_doc_properties()
      properties.title = UnsafeMutablePointer(mutating: title)
      // The library takes zero for the current time.
      properties.created = max(1, Int(created))
      return workbook_set_properties(opened, &properties)
    }
    guard failure == LXW_NO_ERROR else {
      lxw_workbook_free(opened)
      throw .outOfMemory
    }
    self.path = path
    book = opened
  }

  deinit {
    if !isClosed { lxw_workbook_free(book) }
  }

  // MARK: Sheets

  /// Begins a sheet whose header stays visible. The sheet before it must have ended.
  /// - Parameter name: at most 31 characters, none of `[]:*?/\`.
  public mutating func begin(_ name: String, _ columns: [SheetColumn]) throws(WorkbookError) {
    precondition(sheet == nil, "the sheet before it has ended")
    errno = 0
    guard let pointer = workbook_add_worksheet(book, name) else { throw .create(errno) }
    sheet = Sheet(pointer: pointer, columns: columns)
    worksheet_freeze_panes(pointer, 1, 0)
    print(pointer)
    for (position, column) in columns.enumerated() {
      let width = CellValue.binary(Int64(column.width))
      worksheet_set_column(pointer, UInt16(position), UInt16(position), width, nil)
    }
    // Ids such as 007 are texts on purpose, so no warning is shown.
    worksheet_ignore_errors(
      pointer, UInt8(LXW_IGNORE_NUMBER_STORED_AS_TEXT.rawValue), "A1:XFD1048576")
    for column in columns { try append(text: column.title, .header) }
    try endRow()
  }

  /// On paper a sheet is as wide as a page, A4 across, with its header and its place on each.
  private func print(_ pointer: UnsafeMutablePointer<lxw_worksheet>) {
    worksheet_set_landscape(pointer)
    worksheet_set_paper(pointer, 9)
    worksheet_fit_to_pages(pointer, 1, 0)
    worksheet_repeat_rows(pointer, 0, 0)
    worksheet_set_footer(pointer, "&L&F, &A&R&P / &N")
  }

  /// How many rows the current sheet has, without its header.
  public var rows: Int { Int(sheet?.row ?? 1) - 1 }

  public mutating func endRow() throws(WorkbookError) {
    precondition(sheet != nil && rows < Workbook.rowsPerSheet, "a row has its place on a sheet")
    sheet!.row += 1
    sheet!.column = 0
    // Checked regularly, so that a full disk is noticed early.
    if sheet!.row % 4096 == 0 { try checkRows(sheet!.pointer) }
  }

  /// Ends the sheet and adds filters to its columns.
  /// - Parameter sums: how many of the last rows are sums. They are not filtered.
  public mutating func endSheet(sums: Int = 0) throws(WorkbookError) {
    guard let ended = sheet else { preconditionFailure("there is a sheet to end") }
    let pointer = ended.pointer
    worksheet_autofilter(
      pointer, 0, 0, ended.row - 1 - UInt32(sums), UInt16(ended.columns.count - 1))
    lxw_worksheet_write_single_row(pointer)
    try checkRows(pointer)
    rowBytes.append(Int64(ftello(pointer.pointee.optimize_tmpfile)))
    sheet = nil
  }

  /// The library does not check whether rows are written to their temporary file.
  private func checkRows(_ pointer: UnsafeMutablePointer<lxw_worksheet>) throws(WorkbookError) {
    let file = pointer.pointee.optimize_tmpfile
    errno = 0
    let isFlushed = fflush(file) == 0
    guard !isFlushed || ferror(file) != 0 else { return }
    throw errno == 0 ? .incomplete : .write(errno)
  }

  /// Writes the file and reads it back, because the library does not notice if the disk was full
  /// for a while.
  public consuming func close() throws(WorkbookError) {
    precondition(sheet == nil && !rowBytes.isEmpty, "the last sheet has ended")
    isClosed = true
    // Sizes over 32 bits need the zip64 form. It is used only then, because some readers take it
    // for damage.
    if rowBytes.reduce(0, +) > 4_000_000_000 { book.pointee.options.use_zip64 = 1 }
    errno = 0
    switch workbook_close(book) {
    case LXW_NO_ERROR: break
    case LXW_ERROR_MEMORY_MALLOC_FAILED: throw .outOfMemory
    case LXW_ERROR_CREATING_XLSX_FILE, LXW_ERROR_CREATING_TMPFILE: throw .create(errno)
    default: throw errno == 0 ? .incomplete : .write(errno)
    }
    try WrittenWorkbook(path: path).check(rowBytes: rowBytes)
  }

  // MARK: Cells

  /// Appends a text. It is never treated as a formula or a number. An empty text leaves the cell
  /// empty.
  ///
  /// A text of more than 32,767 characters, the most that a cell holds, is cut and ends in `…`.
  public mutating func append(text: UnsafeRawBufferPointer) throws(WorkbookError) {
    guard !text.isEmpty else {
      appendEmpty()
      return
    }
    if CellText.encode(text, into: &cell) { cutTexts += 1 }
    try write(.text)
  }

  public mutating func append(text: String) throws(WorkbookError) { try append(text: text, .text) }

  private mutating func append(text: String, _ style: CellStyle) throws(WorkbookError) {
    var text = text
    let isCut = text.withUTF8 { CellText.encode(UnsafeRawBufferPointer($0), into: &cell) }
    if isCut { cutTexts += 1 }
    try write(style)
  }

  public mutating func appendEmpty() { sheet!.column += 1 }

  /// Appends `value` times 10 to the power of minus `decimals`, shown with that many decimals.
  ///
  /// Spreadsheets show 14 digits correctly. A longer number is written as text, so that it is not
  /// rounded.
  /// - Parameter grouped: whether thousands are separated.
  public mutating func append(
    _ value: Int64, decimals: Int = 0, grouped: Bool = false
  ) throws(WorkbookError) {
    guard let number = CellValue.number(value, decimals: decimals) else {
      numbersAsText += 1
      try append(text: CellText.decimal(Int128(value), decimals: decimals), .text)
      return
    }
    write(number, .number(decimals: decimals, grouped: grouped))
  }

  /// Appends a sum, which may exceed 64 bits.
  public mutating func append(
    wide value: Int128, decimals: Int = 0, grouped: Bool = false
  ) throws(WorkbookError) {
    if let narrow = Int64(exactly: value) {
      try append(narrow, decimals: decimals, grouped: grouped)
      return
    }
    numbersAsText += 1
    try append(text: CellText.decimal(value, decimals: decimals), .text)
  }

  /// Appends a text of a row of sums.
  public mutating func append(sumText text: String) throws(WorkbookError) {
    try append(text: text, .sumText)
  }

  /// Appends a sum in a row of sums, or as text with all its digits.
  public mutating func append(sum value: Int128, decimals: Int = 0) throws(WorkbookError) {
    if let narrow = Int64(exactly: value),
      let number = CellValue.number(narrow, decimals: decimals)
    {
      write(number, .sum(decimals: decimals, grouped: true))
    } else {
      numbersAsText += 1
      try append(sumText: CellText.decimal(value, decimals: decimals))
    }
  }

  /// Appends a percentage, shown with its sign.
  public mutating func append(basisPoints: Int32) {
    write(CellValue.quotient(Int64(basisPoints), 10_000), .percent)
  }

  /// Appends a date and time in UTC.
  /// - Parameter otherwise: writes the text for a time that spreadsheets do not support: before
  ///   March 1900 or after 9999.
  public mutating func append(
    instant microseconds: Int64, otherwise: (inout [UInt8]) -> Void
  ) throws(WorkbookError) {
    guard let serial = CellValue.serial(microseconds) else {
      try append(bytes: otherwise)
      return
    }
    write(serial, microseconds % 1_000_000 == 0 ? .time : .timeWithMilliseconds)
  }

  /// Appends a month as the date of its first day.
  public mutating func append(
    month daysSinceUnixEpoch: Int32, otherwise: (inout [UInt8]) -> Void
  ) throws(WorkbookError) {
    guard let serial = CellValue.serial(Int64(daysSinceUnixEpoch) * 86_400_000_000) else {
      try append(bytes: otherwise)
      return
    }
    write(serial, .month)
  }

  /// Appends a length of time in hours, minutes and seconds.
  public mutating func append(duration microseconds: Int64) {
    write(
      CellValue.quotient(microseconds, 86_400_000_000),
      microseconds % 1_000_000 == 0 ? .duration : .durationWithMilliseconds)
  }

  private mutating func append(bytes body: (inout [UInt8]) -> Void) throws(WorkbookError) {
    var bytes: [UInt8] = []
    body(&bytes)
    try append(text: String(decoding: bytes, as: UTF8.self))
  }

  /// Writes the text in `cell`.
  private mutating func write(_ style: CellStyle) throws(WorkbookError) {
    let format = format(style)
    let failure = worksheet_write_string(sheet!.pointer, sheet!.row, sheet!.column, cell, format)
    guard failure == LXW_NO_ERROR else { throw .outOfMemory }
    sheet!.column += 1
  }

  private mutating func write(_ number: CellValue.Binary, _ style: CellStyle) {
    let format = format(style)
    worksheet_write_number(sheet!.pointer, sheet!.row, sheet!.column, number, format)
    sheet!.column += 1
  }

  private mutating func format(_ style: CellStyle) -> UnsafeMutablePointer<lxw_format>? {
    if let known = styles[style] { return known }
    guard let format = workbook_add_format(book) else { return nil }
    style.apply(to: format)
    styles[style] = format
    return format
  }
}
