import ServiceCredits
import Testing

/// Section 8 of the credit rules. Lists are separated by semicolons and counted from 0.
///
/// - Credits: `100 USD 9 2`, entitled minor units, currency, month of 2026, first instant. A further
///   letter is the same for credits that differ only in their month: `100 USD 10 2 a`.
/// - Invoices: `draft 80 USD`, `void USD`, `fixed USD`; a currency of `?` is none.
/// - Carried: `0 on 1: 30`, credit 0 on invoice 1; invoices `-`, `-1` and so on are finalized or not
///   listed; `=` is what is set off.
/// - Lines: `0 on 1: -30`.
@Suite struct InvoicePlacementTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let credits: String
    let invoices: String
    let carried: String
    let lines: String
    let over: String

    init(
      _ name: String, credits: String, invoices: String, carried: String = "", lines: String,
      over: String = ""
    ) {
      testDescription = name
      self.credits = credits
      self.invoices = invoices
      self.carried = carried
      self.lines = lines
      self.over = over
    }
  }

  struct Scene {
    var credits: [PlaceableCredit]
    var invoices: [OpenInvoice]
    var carried: [CarriedPart]
  }

  @Test(
    "Placing what is open",
    arguments: [
      Row(
        "one credit, one draft", credits: "100 USD 9 0", invoices: "draft 500 USD",
        lines: "0 on 0: -100"),
      Row("no invoice", credits: "100 USD 9 0", invoices: "", lines: ""),
      Row("no credit", credits: "", invoices: "draft 500 USD", lines: ""),
      Row("nothing to place", credits: "0 USD 9 0", invoices: "draft 500 USD", lines: ""),
      Row(
        "a minor unit too small", credits: "100 USD 9 0", invoices: "draft 99 USD",
        lines: "0 on 0: -99"),
      Row(
        "exactly enough", credits: "100 USD 9 0", invoices: "draft 100 USD", lines: "0 on 0: -100"),
      Row(
        "what is left over goes onto the next", credits: "100 USD 9 0",
        invoices: "draft 40 USD; draft 500 USD", lines: "0 on 0: -40; 0 on 1: -60"),
      Row(
        "what is left over stays open", credits: "100 USD 9 0",
        invoices: "draft 40 USD; draft 30 USD", lines: "0 on 0: -40; 0 on 1: -30"),
      Row(
        "a draft of nothing is passed over", credits: "100 USD 9 0",
        invoices: "draft 0 USD; draft 500 USD", lines: "0 on 1: -100"),
      Row(
        "a draft of less than nothing is passed over", credits: "100 USD 9 0",
        invoices: "draft -5 USD; draft 500 USD", lines: "0 on 1: -100"),
      Row(
        "another currency is passed over", credits: "100 USD 9 0",
        invoices: "draft 500 EUR; draft 500 USD", lines: "0 on 1: -100"),
      Row("no draft of the currency", credits: "100 USD 9 0", invoices: "draft 500 EUR", lines: ""),
      Row("an invoice in no currency", credits: "100 USD 9 0", invoices: "draft 500 ?", lines: ""),
      Row("a void invoice takes nothing", credits: "100 USD 9 0", invoices: "void USD", lines: ""),
      Row(
        "each currency on its own", credits: "100 USD 9 0; 50 JPY 9 0",
        invoices: "draft 500 JPY; draft 500 USD", lines: "0 on 1: -100; 1 on 0: -50"),
      Row(
        "the earlier month first", credits: "100 USD 10 0; 100 USD 9 5",
        invoices: "draft 150 USD", lines: "0 on 0: -50; 1 on 0: -100"),
      Row(
        "then the earlier first instant", credits: "100 USD 9 5; 100 USD 9 4",
        invoices: "draft 150 USD", lines: "0 on 0: -50; 1 on 0: -100"),
      Row(
        "then the key", credits: "100 USD 9 4; 100 USD 9 4", invoices: "draft 150 USD",
        lines: "0 on 0: -100; 1 on 0: -50"),
      Row(
        "a later credit fills what the first left", credits: "100 USD 9 0; 100 USD 9 1",
        invoices: "draft 150 USD; draft 500 USD", lines: "0 on 0: -100; 1 on 0: -50; 1 on 1: -50"),
      Row(
        "what an invoice carries already takes room", credits: "100 USD 9 0; 100 USD 9 1",
        invoices: "draft 150 USD", carried: "0 on 0: 100", lines: "1 on 0: -50"),
      Row(
        "what others carry is not placed again", credits: "100 USD 9 0",
        invoices: "draft 500 USD", carried: "0 on -: 70", lines: "0 on 0: -30"),
      Row(
        "placed whole: no line", credits: "100 USD 9 0", invoices: "draft 500 USD",
        carried: "0 on 0: 100", lines: ""),
      Row(
        "an increase goes onto the same draft", credits: "130 USD 9 0",
        invoices: "draft 500 USD", carried: "0 on 0: 100", lines: "0 on 0: -30"),
      Row(
        "nothing moves to an earlier draft that has room by now", credits: "100 USD 9 0",
        invoices: "draft 500 USD; draft 500 USD", carried: "0 on 1: 100", lines: ""),
      Row(
        "the largest", credits: "9223372036854775807 USD 9 0",
        invoices: "draft 9223372036854775807 USD", lines: "0 on 0: -9223372036854775807"),
    ])
  func placing(row: Row) { check(row) }

  @Test(
    "Taking back",
    arguments: [
      Row(
        "a voided invoice gives its credits back", credits: "100 USD 9 0", invoices: "void USD",
        carried: "0 on 0: 100", lines: "0 on 0: 100"),
      Row(
        "and they go onto the next draft", credits: "100 USD 9 0",
        invoices: "void USD; draft 500 USD", carried: "0 on 0: 100",
        lines: "0 on 0: 100; 0 on 1: -100"),
      Row(
        "a voided invoice of another currency too", credits: "100 USD 9 0", invoices: "void EUR",
        carried: "0 on 0: 100", lines: "0 on 0: 100"),
      Row(
        "voided, and the credit is gone too", credits: "0 USD 9 0", invoices: "void USD",
        carried: "0 on 0: 100", lines: "0 on 0: 100"),
      Row(
        "a decrease takes what is open first", credits: "60 USD 9 0", invoices: "draft 60 USD",
        carried: "0 on 0: 60", lines: ""),
      Row(
        "then from the draft", credits: "59 USD 9 0", invoices: "draft 60 USD",
        carried: "0 on 0: 60", lines: "0 on 0: 1"),
      Row(
        "from the latest draft first", credits: "70 USD 9 0",
        invoices: "draft 60 USD; draft 60 USD", carried: "0 on 0: 60; 0 on 1: 40",
        lines: "0 on 1: 30"),
      Row(
        "then from the one before", credits: "50 USD 9 0",
        invoices: "draft 60 USD; draft 60 USD", carried: "0 on 0: 60; 0 on 1: 40",
        lines: "0 on 1: 40; 0 on 0: 10"),
      Row(
        "a credit taken back whole", credits: "0 USD 9 0",
        invoices: "draft 60 USD; draft 60 USD", carried: "0 on 0: 60; 0 on 1: 40",
        lines: "0 on 1: 40; 0 on 0: 60"),
      Row(
        "only from where it is", credits: "50 USD 9 0; 60 USD 9 1",
        invoices: "draft 500 USD; draft 500 USD", carried: "0 on 0: 60; 1 on 1: 60",
        lines: "0 on 0: 10"),
      Row(
        "room that a decrease makes is filled", credits: "50 USD 9 0; 60 USD 9 1",
        invoices: "draft 60 USD", carried: "0 on 0: 60", lines: "0 on 0: 10; 1 on 0: -10"),
      Row(
        "what is finalized is not clawed back", credits: "60 USD 9 0", invoices: "draft 60 USD",
        carried: "0 on -: 100", lines: "", over: "0: 40"),
      Row(
        "the draft first, then it is reported", credits: "60 USD 9 0",
        invoices: "draft 60 USD", carried: "0 on -: 80; 0 on 0: 20", lines: "0 on 0: 20",
        over: "0: 20"),
      Row(
        "the draft is enough", credits: "80 USD 9 0", invoices: "draft 60 USD",
        carried: "0 on -: 80; 0 on 0: 20", lines: "0 on 0: 20"),
      Row(
        "one overcredited does not pay for another", credits: "60 USD 9 0; 50 USD 9 1",
        invoices: "draft 500 USD", carried: "0 on -: 100", lines: "1 on 0: -50", over: "0: 40"),
      Row(
        "several overcredited", credits: "0 USD 9 0; 5 USD 9 1", invoices: "",
        carried: "0 on -: 100; 1 on -: 6", lines: "", over: "0: 100; 1: 1"),
      Row(
        "a draft whose amount was lowered", credits: "100 USD 9 0", invoices: "draft 60 USD",
        carried: "0 on 0: 100", lines: "0 on 0: 40"),
      Row(
        "the credit placed last leaves first", credits: "50 USD 9 0; 50 USD 9 1",
        invoices: "draft 60 USD", carried: "0 on 0: 50; 1 on 0: 50", lines: "1 on 0: 40"),
      Row(
        "and then the one before", credits: "50 USD 9 0; 50 USD 9 1", invoices: "draft 30 USD",
        carried: "0 on 0: 50; 1 on 0: 50", lines: "0 on 0: 20; 1 on 0: 50"),
      Row(
        "lowered to nothing", credits: "50 USD 9 0; 50 USD 9 1", invoices: "draft 0 USD",
        carried: "0 on 0: 50; 1 on 0: 50", lines: "0 on 0: 50; 1 on 0: 50"),
      Row(
        "what leaves a lowered draft goes onto the next", credits: "100 USD 9 0",
        invoices: "draft 60 USD; draft 500 USD", carried: "0 on 0: 100",
        lines: "0 on 0: 40; 0 on 1: -40"),
      Row(
        "the amount due is now exactly what it carries", credits: "100 USD 9 0",
        invoices: "draft 100 USD", carried: "0 on 0: 100", lines: ""),
      Row(
        "a decrease makes room on a lowered draft before anyone must leave",
        credits: "10 USD 9 0; 50 USD 9 1", invoices: "draft 60 USD",
        carried: "0 on 0: 50; 1 on 0: 50", lines: "0 on 0: 40"),
      Row(
        "an invoice in no currency keeps what it carries", credits: "100 USD 9 0",
        invoices: "draft 500 ?", carried: "0 on 0: 100", lines: ""),
    ])
  func takingBack(row: Row) { check(row) }

  @Test(
    "Moving to another month",
    arguments: [
      Row(
        "on a finalized invoice", credits: "0 USD 9 0 a; 100 USD 10 0 a",
        invoices: "draft 500 USD", carried: "0 on -: 100", lines: "0 on -: 100; 1 on -: -100"),
      Row(
        "to an earlier month", credits: "100 USD 9 0 a; 0 USD 10 0 a", invoices: "draft 500 USD",
        carried: "1 on -: 100", lines: "0 on -: -100; 1 on -: 100"),
      Row(
        "on an invoice that is treated as finalized", credits: "0 USD 9 0 a; 100 USD 10 0 a",
        invoices: "fixed USD; draft 500 USD", carried: "0 on 0: 100",
        lines: "0 on 0: 100; 1 on 0: -100"),
      Row(
        "on a draft", credits: "0 USD 9 0 a; 100 USD 10 0 a", invoices: "draft 500 USD",
        carried: "0 on 0: 100", lines: "0 on 0: 100; 1 on 0: -100"),
      Row(
        "on a draft that is full", credits: "0 USD 9 0 a; 100 USD 10 0 a",
        invoices: "draft 100 USD", carried: "0 on 0: 100", lines: "0 on 0: 100; 1 on 0: -100"),
      Row(
        "on its own draft, although an earlier one has room",
        credits: "0 USD 9 0 a; 100 USD 10 0 a", invoices: "draft 500 USD; draft 500 USD",
        carried: "0 on 1: 100", lines: "0 on 1: 100; 1 on 1: -100"),
      Row(
        "on a draft whose amount was lowered", credits: "0 USD 9 0 a; 100 USD 10 0 a",
        invoices: "draft 60 USD", carried: "0 on 0: 100",
        lines: "0 on 0: 100; 1 on 0: -100; 1 on 0: 40"),
      Row(
        "a voided invoice keeps nothing", credits: "0 USD 9 0 a; 100 USD 10 0 a",
        invoices: "void USD; draft 500 USD", carried: "0 on 0: 100",
        lines: "0 on 0: 100; 1 on 1: -100"),
      Row(
        "a voided invoice, and no other", credits: "0 USD 9 0 a; 100 USD 10 0 a",
        invoices: "void USD", carried: "0 on 0: 100", lines: "0 on 0: 100"),
      Row(
        "on a finalized invoice and a draft", credits: "0 USD 9 0 a; 100 USD 10 0 a",
        invoices: "draft 500 USD", carried: "0 on 0: 40; 0 on -: 60",
        lines: "0 on -: 60; 0 on 0: 40; 1 on -: -60; 1 on 0: -40"),
      Row(
        "on two finalized invoices", credits: "0 USD 9 0 a; 100 USD 10 0 a", invoices: "",
        carried: "0 on -: 60; 0 on -1: 40",
        lines: "0 on -: 60; 0 on -1: 40; 1 on -: -60; 1 on -1: -40"),
      Row(
        "on a finalized, a voided and a draft invoice", credits: "0 USD 9 0 a; 100 USD 10 0 a",
        invoices: "void USD; draft 30 USD", carried: "0 on -: 20; 0 on 0: 50; 0 on 1: 30",
        lines: "0 on 0: 50; 0 on -: 20; 0 on 1: 30; 1 on -: -20; 1 on 1: -30"),
      Row(
        "what was open of it is placed", credits: "0 USD 9 0 a; 100 USD 10 0 a",
        invoices: "draft 500 USD", carried: "0 on -: 30",
        lines: "0 on -: 30; 1 on -: -30; 1 on 0: -70"),
      Row(
        "all of it was open", credits: "0 USD 9 0 a; 100 USD 10 0 a", invoices: "draft 500 USD",
        lines: "1 on 0: -100"),
      Row(
        "and it is more", credits: "0 USD 9 0 a; 150 USD 10 0 a", invoices: "draft 500 USD",
        carried: "0 on -: 100", lines: "0 on -: 100; 1 on -: -100; 1 on 0: -50"),
      Row(
        "and it is less: the rest stays on the finalized invoice",
        credits: "0 USD 9 0 a; 60 USD 10 0 a", invoices: "draft 500 USD", carried: "0 on -: 100",
        lines: "0 on -: 60; 1 on -: -60", over: "0: 40"),
      Row(
        "and it is less: the rest leaves the draft", credits: "0 USD 9 0 a; 60 USD 10 0 a",
        invoices: "draft 500 USD", carried: "0 on 0: 100",
        lines: "0 on 0: 60; 0 on 0: 40; 1 on 0: -60"),
      Row(
        "and it is less: what stays for ever comes first",
        credits: "0 USD 9 0 a; 60 USD 10 0 a", invoices: "draft 500 USD",
        carried: "0 on 0: 60; 0 on -: 40",
        lines: "0 on -: 40; 0 on 0: 20; 0 on 0: 40; 1 on -: -40; 1 on 0: -20"),
      Row(
        "and it is less: so does what is treated as finalized",
        credits: "0 USD 9 0 a; 60 USD 10 0 a", invoices: "draft 500 USD; fixed USD",
        carried: "0 on 0: 50; 0 on 1: 50",
        lines: "0 on 1: 50; 0 on 0: 10; 0 on 0: 40; 1 on 1: -50; 1 on 0: -10"),
      Row(
        "and it is less: in whatever month it was",
        credits: "0 USD 8 0 a; 0 USD 9 0 a; 14 USD 10 0 a", invoices: "draft 500 USD",
        carried: "0 on -: 8; 0 on 0: 8; 1 on -1: 22",
        lines: "0 on -: 8; 0 on 0: 8; 1 on -1: 6; 2 on -: -8; 2 on -1: -6", over: "1: 16"),
      Row(
        "what a lowered draft gives up is on the finalized invoice already",
        credits: "0 USD 9 0 a; 30 USD 10 0 a", invoices: "draft 10 USD",
        carried: "0 on -: 20; 1 on 0: 30", lines: "0 on -: 20; 1 on 0: 20; 1 on -: -20"),
      Row(
        "what was too much stays too much", credits: "0 USD 9 0 a; 0 USD 10 0 a",
        invoices: "draft 500 USD", carried: "0 on -: 100", lines: "", over: "0: 100"),
      Row(
        "what was too much before is of use later", credits: "0 USD 9 0 a; 30 USD 10 0 a",
        invoices: "draft 500 USD", carried: "0 on -: 100; 1 on -1: 10",
        lines: "0 on -: 20; 1 on -: -20", over: "0: 80"),
      Row(
        "from two months into a third", credits: "0 USD 8 0 a; 0 USD 9 0 a; 100 USD 10 0 a",
        invoices: "", carried: "0 on -: 60; 1 on -1: 40",
        lines: "0 on -: 60; 1 on -1: 40; 2 on -: -60; 2 on -1: -40"),
      Row(
        "another credit's is not its own", credits: "0 USD 9 0 a; 100 USD 10 0 b",
        invoices: "draft 500 USD", carried: "0 on -: 100", lines: "1 on 0: -100",
        over: "0: 100"),
      Row(
        "nor is the same in another currency", credits: "0 USD 9 0 a; 100 EUR 10 0 a",
        invoices: "draft 500 EUR", carried: "0 on -: 100", lines: "1 on 0: -100",
        over: "0: 100"),
      Row(
        "the same in another currency of the same month",
        credits: "0 USD 9 0 a; 90 EUR 9 0 a; 90 EUR 10 0 a", invoices: "",
        carried: "0 on -: 100; 1 on -1: 170", lines: "1 on -1: 80; 2 on -1: -80", over: "0: 100"),
      Row(
        "each to its own", credits: "0 USD 9 0 a; 50 USD 10 0 a; 0 USD 9 0 b; 70 USD 10 0 b",
        invoices: "draft 500 USD", carried: "0 on -: 50; 2 on -1: 60",
        lines: "0 on -: 50; 1 on -: -50; 2 on -1: 60; 3 on -1: -60; 3 on 0: -10"),
    ])
  func moving(row: Row) { check(row) }

  /// Credit 0 is over by 100 on a final invoice, and credit 1 is set off.
  @Test(
    "Undoing a set-off, whatever the policy says today",
    arguments: [
      Row(
        "stays while both reasons hold", credits: "150 USD 9 0; 100 USD 9 1",
        invoices: "draft 500 USD", carried: "0 on -: 250; 0 on =: -100; 1 on =: 100", lines: ""),
      Row(
        "the invoice is voided: the other is open again", credits: "0 USD 9 0; 100 USD 9 1",
        invoices: "void USD; draft 500 USD", carried: "0 on 0: 250; 0 on =: -100; 1 on =: 100",
        lines: "0 on 0: 250; 0 on set-off: -100; 1 on set-off: 100; 1 on 1: -100"),
      Row(
        "the invoice is voided and the other is not due any more",
        credits: "0 USD 9 0; 0 USD 9 1", invoices: "void USD; draft 500 USD",
        carried: "0 on 0: 250; 0 on =: -100; 1 on =: 100",
        lines: "0 on 0: 250; 0 on set-off: -100; 1 on set-off: 100"),
      Row(
        "the other is not due any more: the final invoice has too much again",
        credits: "150 USD 9 0; 0 USD 9 1", invoices: "draft 500 USD",
        carried: "0 on -: 250; 0 on =: -100; 1 on =: 100",
        lines: "0 on set-off: -100; 1 on set-off: 100", over: "0: 100"),
      Row(
        "the decrease is undone in part", credits: "190 USD 9 0; 100 USD 9 1",
        invoices: "draft 500 USD", carried: "0 on -: 250; 0 on =: -100; 1 on =: 100",
        lines: "0 on set-off: -40; 1 on set-off: 40; 1 on 0: -40"),
      Row(
        "what a draft carries of the other is taken off first",
        credits: "150 USD 9 0; 70 USD 9 1", invoices: "draft 500 USD",
        carried: "0 on -: 250; 0 on =: -100; 1 on =: 100; 1 on 0: 20",
        lines: "0 on set-off: -30; 1 on 0: 20; 1 on set-off: 30", over: "0: 30"),
      Row(
        "the newest loses it first", credits: "190 USD 9 0; 60 USD 9 1; 40 USD 9 2",
        invoices: "draft 500 USD",
        carried: "0 on -: 250; 0 on =: -100; 1 on =: 60; 2 on =: 40",
        lines: "0 on set-off: -40; 2 on set-off: 40; 2 on 0: -40"),
      Row(
        "the one that is not due loses it before the newest",
        credits: "190 USD 9 0; 20 USD 9 1; 40 USD 9 2", invoices: "draft 500 USD",
        carried: "0 on -: 250; 0 on =: -100; 1 on =: 60; 2 on =: 40",
        lines: "0 on set-off: -40; 1 on set-off: 40"),
      Row(
        "the other moves to another month", credits: "150 USD 9 0; 0 USD 9 1 a; 100 USD 10 1 a",
        invoices: "draft 500 USD", carried: "0 on -: 250; 0 on =: -100; 1 on =: 100",
        lines: "1 on set-off: 100; 2 on set-off: -100"),
      Row(
        "what stands on a draft beside it is taken off", credits: "0 USD 9 0; 100 USD 9 1",
        invoices: "draft 500 USD", carried: "0 on 0: 100; 0 on =: -100; 1 on =: 100",
        lines: "0 on 0: 100; 0 on set-off: -100; 1 on set-off: 100; 1 on 0: -100"),
    ])
  func undoing(row: Row) { check(row) }

  private func check(_ row: Row) {
    let scene = Scene(row)
    var placement = InvoicePlacement()
    // Arrays of the previous customer must have no effect.
    placement.place(
      credits: [Scene.credit("7 USD 1 0")], invoices: [Scene.invoice("draft 3 USD")],
      carried: [CarriedPart(credit: 0, invoice: .settled(line: 0), amountMinor: 9)])
    placement.place(
      credits: scene.credits, invoices: scene.invoices, carried: scene.carried)
    #expect(placement.lines.map(\.text).joined(separator: "; ") == row.lines)
    let over = placement.overcredited.map { "\($0.credit): \($0.amountMinor)" }
    #expect(over.joined(separator: "; ") == row.over)
    for credit in scene.credits.indices {
      let carried = scene.carried.filter { $0.credit == credit }.reduce(0) { $0 + $1.amountMinor }
      let moved = placement.lines.filter { $0.credit == credit }.reduce(0) { $0 + $1.amountMinor }
      #expect(placement.placedMinor[credit] == carried - moved)
    }
  }
}

extension InvoicePlacementTests.Scene {
  init(_ row: InvoicePlacementTests.Row) {
    credits = Self.items(row.credits).enumerated().map { Self.credit($1, position: $0) }
    invoices = Self.items(row.invoices).map(Self.invoice)
    carried = Self.items(row.carried).map { text in
      let words = text.split { $0 == " " || $0 == ":" }.map(String.init)
      let number = Int32(words[2].drop { $0 == "-" }) ?? 0
      return CarriedPart(
        credit: Int32(words[0]) ?? -1,
        invoice: words[2] == "="
          ? .setOff : words[2].hasPrefix("-") ? .settled(line: number) : .listed(number),
        amountMinor: Int64(words[3]) ?? 0)
    }
  }

  static func items(_ text: String) -> [String] {
    text.split(separator: ";").map { String($0).split(separator: " ").joined(separator: " ") }
  }

  static func credit(_ text: String, position: Int = 0) -> PlaceableCredit {
    let words = text.split(separator: " ").map(String.init)
    guard let minor = Int64(words[0]), let currency = Currency(words[1]), let month = Int(words[2]),
      let first = Int64(words[3])
    else { preconditionFailure("no credit: \(text)") }
    // Without a letter a credit is alone.
    let sibling = words.count > 4 ? 1000 + Int(words[4].utf8.first ?? 0) : position
    return PlaceableCredit(
      currency: currency, entitledMinor: minor, month: BillingMonth(year: 2026, month: month),
      firstInstant: Instant(microseconds: first), sibling: Int32(sibling))
  }

  static func invoice(_ text: String) -> OpenInvoice {
    let words = text.split(separator: " ").map(String.init)
    let currency = words.last.flatMap { Currency($0) }
    if words[0] == "void" { return OpenInvoice(currency: currency, state: .void) }
    if words[0] == "fixed" { return OpenInvoice(currency: currency, state: .fixed) }
    guard let due = Int64(words[1]) else { preconditionFailure("no invoice: \(text)") }
    return OpenInvoice(currency: currency, state: .draft(dueMinor: due))
  }
}

extension PlacedLine {
  static let setOffNumber = Int32.min

  static func number(of system: BalanceSystem) -> Int32 {
    setOffNumber + 1 + Int32(BalanceSystem.allCases.firstIndex(of: system) ?? 0)
  }

  /// The invoice's position; negative for one that is finalized or not listed.
  var number: Int32 {
    switch invoice {
    case .listed(let position): position
    case .settled(let line): -line
    case .setOff: PlacedLine.setOffNumber
    case .balance(let system): PlacedLine.number(of: system)
    }
  }

  var text: String {
    let name: String =
      switch invoice {
      case .listed(let position): "\(position)"
      case .settled(let line): line == 0 ? "-" : "-\(line)"
      case .setOff: "set-off"
      case .balance(let system): BalanceInvoice.id(of: system)
      }
    return "\(credit) on \(name): \(amountMinor)"
  }
}
