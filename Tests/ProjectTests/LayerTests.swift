import Testing

/// Which module may import which. Anything else is an arrow that the layers do not have.
@Suite struct LayerTests {
  private static let system: Set<String> = ["Glibc", "Synchronization"]

  private static let allowed: [String: Set<String>] = [
    "ServiceCredits": [],
    "ResponseProcedures": ["ServiceCredits"],
    "Digests": ["CLibCrypto"],
    "Postgres": ["CLibPQ", "Glibc", "Synchronization"],
    "CreditLedger": [
      "ServiceCredits", "ResponseProcedures", "Postgres", "Digests", "RedressSQL", "Glibc",
    ],
    "Workbooks": ["CLibXLSXWriter", "Glibc"],
    "CreditReports": [
      "ServiceCredits", "ResponseProcedures", "Digests", "Templates", "Workbooks",
    ],
    "Templates": ["Mustache"],
    "Notices": ["ServiceCredits", "CreditReports", "Digests", "Templates"],
    "CreditRun": [
      "ServiceCredits", "ResponseProcedures", "Postgres", "Digests", "RedressSQL", "CreditLedger",
      "CreditReports", "Notices", "Templates", "Workbooks", "Logging", "Yams", "CYaml", "Glibc",
      "Synchronization",
    ],
    "redress": [
      "ServiceCredits", "ResponseProcedures", "Postgres", "Digests", "RedressSQL", "CreditLedger",
      "CreditReports", "CreditRun", "Notices", "Templates", "ArgumentParser", "Logging", "Glibc",
      "Synchronization",
    ],
  ]

  @Test func everyModuleHasItsPlace() {
    let modules = SourceTree.names(in: "\(SourceTree.root)/Sources")
      .filter { !SourceTree.files(in: "Sources/\($0)", ending: ".swift").isEmpty }
    #expect(Set(modules) == Set(LayerTests.allowed.keys))
  }

  @Test(arguments: LayerTests.allowed.keys.sorted())
  func importsOnlyWhatIsBelow(module: String) throws {
    let files = SourceTree.files(in: "Sources/\(module)", ending: ".swift")
    #expect(!files.isEmpty)
    for file in files {
      for imported in LayerTests.imports(in: file) {
        #expect(
          LayerTests.allowed[module]!.contains(imported),
          "\(file.path) imports \(imported), which \(module) must not know")
      }
    }
  }

  /// The reader of imports must see every form of them, or the test above proves nothing.
  @Test func importsAreSeenInEveryForm() {
    let file = SourceTree.File(
      path: "x.swift",
      text: """
        import A
        public import B
        internal import struct C.D
        @testable import E
        // import F
        """)
    #expect(LayerTests.imports(in: file) == ["A", "B", "C", "E"])
  }

  static func imports(in file: SourceTree.File) -> [String] {
    file.lines.compactMap { line in
      var words = line.split(separator: " ")
      while let first = words.first,
        first.hasPrefix("@") || ["public", "internal", "package", "private"].contains(first)
      {
        words.removeFirst()
      }
      guard words.first == "import" else { return nil }
      words.removeFirst()
      if let kind = words.first, ["struct", "class", "enum", "func", "protocol"].contains(kind) {
        words.removeFirst()
      }
      return words.first.map { String($0.prefix { $0 != "." }) }
    }
  }
}
