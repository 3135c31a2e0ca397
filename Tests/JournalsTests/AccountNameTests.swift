import SeededRandom
import Testing

@testable import Journals

/// Names of accounts and texts of tags in the plain-text formats.
struct AccountNameTests {
  static let names: [(name: String, hledger: String, beancount: String)] = [
    ("Income:ServiceCredits", "Income:ServiceCredits", "Income:ServiceCredits"),
    ("Expenses:4711", "Expenses:4711", "Expenses:4711"),
    ("Income:Service credits", "Income:Service credits", "Income:Service--20credits"),
    ("Income:Two  spaces", "Income:Two %20spaces", "Income:Two--20--20spaces"),
    ("Income:Erlöse", "Income:Erlöse", "Income:Erl--C3--B6se"),
    ("Income:Erlo\u{308}se", "Income:Erlo%CC%88se", "Income:Erlo--CC--88se"),
    ("Income:a-b", "Income:a-b", "Income:X--00a-b"),
    ("Income:A--20b", "Income:A--20b", "Income:A--2D-20b"),
    ("Income:A-", "Income:A-", "Income:A--2D"),
    ("Income:-A", "Income:-A", "Income:X--00--2DA"),
    ("Income:(A)", "Income:%28A%29", "Income:X--00--28A--29"),
    ("Income:A;B", "Income:A%3BB", "Income:A--3BB"),
    ("Income:100%", "Income:100%25", "Income:100--25"),
    ("Income:A\u{A0}B", "Income:A%C2%A0B", "Income:A--C2--A0B"),
  ]

  @Test(arguments: names)
  func isWrittenAs(name: String, hledger: String, beancount: String) {
    #expect(AccountName.hledger(name) == hledger)
    #expect(AccountName.beancount(name) == beancount)
  }

  /// Only parts in ASCII that begin with a capital or a digit, whatever the name.
  @Test func beancountGetsItsLetters() {
    for (name, _, _) in AccountNameTests.names {
      for part in AccountName.beancount(name).split(separator: ":") {
        #expect(part.wholeMatch(of: /[A-Z0-9][A-Za-z0-9\-]*/) != nil, "\(part)")
      }
    }
  }

  /// Short names from few characters, so that near misses are frequent.
  @Test func twoNamesNeverFallTogether() {
    let seed: UInt64 = 14
    var random = SeededGenerator(seed: seed)
    let letters = Array("-- %AaX02D0:é\u{301}".unicodeScalars).filter { $0 != ":" }
    var written: [String: [UInt8]] = [:]
    for _ in 0..<60_000 {
      var name = ""
      for _ in 0...Int.random(in: 0..<6, using: &random) {
        name.unicodeScalars.append(letters.randomElement(using: &random)!)
      }
      let bytes = Array("Income:\(name)".utf8)
      for (format, text) in [
        ("hledger", AccountName.hledger("Income:\(name)")),
        ("beancount", AccountName.beancount("Income:\(name)")),
        ("tag", TagText.escape(name)),
      ] {
        // Strings of two Unicode forms are equal; only ASCII and whole letters are compared.
        let key = "\(format) \(text.utf8.map { String($0) }.joined(separator: "."))"
        let other = written.updateValue(bytes, forKey: key)
        #expect(other == nil || other == bytes, "seed \(seed): \(text)")
      }
    }
  }

  @Test func tagsHoldNothingThatEndsThem() {
    let hostile = "a,b:c;d\"e\\f\ng\u{2028}h  i "
    #expect(TagText.escape(hostile) == "a%2Cb%3Ac%3Bd%22e%5Cf%0Ag%E2%80%A8h %20i%20")
  }
}
