import Testing

/// Rules of style that no formatter checks.
@Suite struct HabitTests {
  /// Text that must not occur in the sources, and what to write instead.
  private static let banned: [(text: String, instead: String)] = [
    ("import Foundation", "Glibc, or the standard library; Foundation costs start-up time"),
    ("fatalError(", "throw, or preconditionFailure with the broken invariant"),
    ("try!", "handle the error"),
    ("@unchecked Sendable", "Mutex, Atomic, or a value"),
    ("Double(", "integers; the only exception is a duration for people"),
    ("TODO", "an issue"),
    ("FIXME", "an issue"),
  ]

  /// Allowed exceptions, each with its reason.
  private static let exceptions: Set<String> = [
    // Seconds of a stage, for people and metrics.
    "Sources/CreditRun/Run/StageClock.swift Double(",
    // Numbers in spreadsheets are always doubles.
    "Sources/Workbooks/CellValue.swift Double(",
  ]

  private static var sources: [SourceTree.File] {
    SourceTree.files(in: "Sources", ending: ".swift")
  }

  @Test func nothingBannedIsUsed() {
    for file in HabitTests.sources {
      for (number, line) in file.lines.enumerated() {
        let code = line.prefix { $0 != "/" || !line.drop { $0 == " " }.hasPrefix("//") }
        for rule in HabitTests.banned where code.contains(rule.text) {
          if HabitTests.exceptions.contains("\(file.path) \(rule.text)") { continue }
          Issue.record("\(file.path):\(number + 1): \(rule.text) is not used here: \(rule.instead)")
        }
      }
    }
  }

  @Test func filesAreOneThing() {
    for file in HabitTests.sources where file.lines.count > 500 {
      Issue.record("\(file.path) has \(file.lines.count) lines; split it by what it does")
    }
  }

  /// `Money.swift` contains `Money`, and `CreditLine+JSON.swift` the JSON of `CreditLine`.
  @Test func filesBearTheNameOfATypeInThem() {
    for file in HabitTests.sources {
      let name = file.path.split(separator: "/").last ?? ""
      let type = name.prefix { $0 != "+" && $0 != "." }
      let declares = ["struct", "enum", "class", "protocol", "actor", "extension"].contains {
        kind in
        file.lines.contains { line in
          let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_") }
          return zip(words, words.dropFirst()).contains { $0 == kind && $1 == type }
        }
      }
      #expect(declares, "\(file.path) declares or extends no \(type)")
    }
  }

  /// An exception that is no longer needed would hide the next violation.
  @Test func everyExceptionIsNeeded() {
    for exception in HabitTests.exceptions {
      let words = exception.split(separator: " ", maxSplits: 1)
      let file = HabitTests.sources.first { $0.path == String(words[0]) }
      #expect(file?.text.contains(words[1]) ?? false, "\(exception)")
    }
  }

  /// Names that a library or the language requires.
  private static let requirements: Set<String> = ["escapeText", "_errorPrefix", "customMirror"]

  @Test func nothingIsDeclaredThatNobodyUses() {
    var counts: [Substring: Int] = [:]
    var declared: [(name: Substring, path: String)] = []
    let introducers: Set<Substring> = [
      "func", "var", "let", "struct", "enum", "class", "protocol", "typealias",
    ]
    for folder in ["Sources", "Tests", "sql"] {
      for file in SourceTree.files(in: folder, ending: ".swift") {
        for line in file.lines where !line.drop(while: { $0 == " " }).hasPrefix("//") {
          let words = Substring(line).split { !($0.isLetter || $0.isNumber || $0 == "_") }
          for word in words { counts[word, default: 0] += 1 }
          guard folder == "Sources" else { continue }
          // `class="big"` of HTML declares nothing.
          for (word, name) in zip(words, words.dropFirst())
          where introducers.contains(word) && (word != "class" || name.first!.isUppercase) {
            declared.append((name, file.path))
          }
        }
      }
    }
    #expect(declared.count > 2000)
    for (name, path) in declared
    where counts[name] == 1 && !HabitTests.requirements.contains(String(name)) {
      Issue.record("\(path): nobody uses \(name)")
    }
  }

  @Test func everyPageIsLinked() {
    let folder = "Sources/redress/Documentation.docc"
    let index = SourceTree.read("\(SourceTree.root)/\(folder)/Redress.md")
    for page in SourceTree.files(in: folder, ending: ".md") {
      let name = page.path.split(separator: "/").last?.dropLast(3) ?? ""
      #expect(name == "Redress" || index.contains("<doc:\(name)>"), "nothing leads to \(name)")
    }
  }

  @Test func functionsFitOnAScreen() {
    for file in HabitTests.sources {
      for function in HabitTests.functions(in: file) where function.lines > 60 {
        Issue.record(
          "\(file.path):\(function.start): \(function.lines) lines in one function; name its parts")
      }
    }
  }

  /// Functions at any depth, found by indentation, which the formatter guarantees.
  static func functions(in file: SourceTree.File) -> [(start: Int, lines: Int)] {
    var found: [(start: Int, lines: Int)] = []
    let lines = file.lines
    for (index, line) in lines.enumerated() {
      let indentation = line.prefix { $0 == " " }.count
      let words = line.dropFirst(indentation)
      guard
        words.contains("func ") || words.hasPrefix("init(") || words.contains(" init(")
          || words.hasPrefix("init?(") || words.contains(" init?(") || words.contains("subscript("),
        !words.hasPrefix("//")
      else { continue }
      let closing = String(repeating: " ", count: indentation) + "}"
      guard let end = lines[index...].firstIndex(where: { $0 == closing }) else { continue }
      found.append((index + 1, end - index + 1))
    }
    return found
  }

  @Test func everyQuerySaysWhatItReturns() {
    let queries = SourceTree.files(in: "sql/queries", ending: ".sql")
    #expect(queries.count > 20)
    for query in queries {
      #expect(query.text.hasPrefix("-- "), "\(query.path) has no header comment")
      #expect(
        query.text.split(separator: ";").count <= 1 || !query.text.contains(";\n"),
        "\(query.path) holds more than one statement")
      #expect(!query.text.contains("SELECT *"), "\(query.path) names no columns")
    }
  }

  @Test func theTopLevelIsTidy() {
    let wanted: Set<String> = [
      "Package.swift", "Package.resolved", "Sources", "Tests", "sql", "fixtures", "Makefile",
      "README.md",
    ]
    let found = SourceTree.names(in: SourceTree.root).filter { !$0.hasPrefix(".") }
    #expect(Set(found).subtracting(wanted).isEmpty)
  }
}
