import Foundation
import Testing

/// Which module may import which. `Package.swift`, the imports and the Architecture page agree, and
/// every import is of a lower layer.
@Suite struct LayerTests {
  /// From the lowest layer up. A module imports modules of lower layers only, so there are no
  /// cycles, and no feature imports another.
  private static let layers: [Set<String>] = [
    ["CLibPQ", "CLibCrypto", "CLibXLSXWriter", "CLibCurl"],
    [
      "ServiceCredits", "Postgres", "Digests", "Workbooks", "Templates", "PlainText", "RedressSQL",
      "ShippedPolicies", "HTTPClient",
    ],
    ["ResponseProcedures", "OutputFiles", "Documents"],
    ["PolicyFiles", "CreditLedger"],
    ["FrozenEvidence"],
    ["LedgerReports"],
    ["CreditRun"],
    [
      "Explanations", "FindingReviews", "Simulation", "ProcedureAudits", "Verification", "Notices",
      "Handover", "Journals", "MappingReviews", "Observations", "SourceMappings",
    ],
    ["redress"],
  ]

  /// The modules that may import each module outside of this package.
  private static let outside: [String: Set<String>] = [
    "Mustache": ["Templates"], "Yams": ["PolicyFiles"], "CYaml": ["PolicyFiles"],
    "ArgumentParser": ["redress"], "Logging": ["redress"],
    "CLibPQ": ["Postgres"], "CLibCrypto": ["Digests"], "CLibXLSXWriter": ["Workbooks"],
    "CLibCurl": ["HTTPClient"],
  ]

  private static let system: Set<String> = ["Glibc", "Synchronization"]

  @Test func everyArrowPointsDown() throws {
    let graph = try LayerTests.declared()
    #expect(Set(graph.keys).union(["RedressSQL"]) == Set(LayerTests.layers.joined()))
    for (module, imported) in graph {
      for other in imported {
        let (from, to) = (LayerTests.layer(of: module), LayerTests.layer(of: other))
        #expect(from > to, "\(module) depends on \(other), which is not below it")
      }
    }
  }

  @Test func whatIsDeclaredIsImported() throws {
    for (module, declared) in try LayerTests.declared() where !module.hasPrefix("CLib") {
      let imported = LayerTests.imported(by: module)
      let own = imported.filter { LayerTests.layer(of: $0) >= 0 }
      #expect(own == declared, "\(module): the manifest and the imports differ")
      for other in imported.subtracting(own).subtracting(LayerTests.system) {
        #expect(
          LayerTests.outside[other]?.contains(module) ?? false, "\(module) must not know \(other)")
      }
    }
  }

  @Test func onlyOneModuleKnowsEachLibraryOfTheSystem() throws {
    for (module, declared) in try LayerTests.declared() {
      for other in declared where other.hasPrefix("CLib") {
        #expect(LayerTests.outside[other] == [module])
      }
    }
  }

  /// The table of the Architecture page has a row for each module, with exactly what it imports.
  @Test func thePictureIsTrue() throws {
    let page = SourceTree.read(
      "\(SourceTree.root)/Sources/redress/Documentation.docc/Architecture.md")
    var told: [String: Set<String>] = [:]
    for line in page.split(separator: "\n") where line.hasPrefix("| `") {
      let cells = line.split(separator: "|", omittingEmptySubsequences: false)
      guard cells.count == 5, let module = LayerTests.code(in: cells[1]).first,
        LayerTests.layer(of: module) >= 0
      else { continue }
      told[module] = LayerTests.code(in: cells[3])
    }
    var graph = try LayerTests.declared().filter { !$0.key.hasPrefix("CLib") }
    // The command may import every module; the page says so in words.
    graph["redress"] = nil
    told["redress"] = nil
    for (module, imported) in graph {
      #expect(told[module] == imported, "\(module) on the Architecture page")
    }
    #expect(Set(told.keys) == Set(graph.keys))
  }

  /// The parser must find every form of import, or the tests above prove nothing.
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

  // MARK: Reading

  private static func layer(of module: String) -> Int {
    layers.firstIndex { $0.contains(module) } ?? -1
  }

  /// The dependencies of every module within the package, according to the manifest.
  private static func declared() throws -> [String: Set<String>] {
    let scratch = FileManager.default.temporaryDirectory.appending(path: "redress-\(UUID())")
    defer { try? FileManager.default.removeItem(at: scratch) }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    // A separate build folder, because that of the running tests is locked.
    process.arguments = [
      "swift", "package", "--package-path", SourceTree.root, "--scratch-path", scratch.path(),
      "dump-package",
    ]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let json = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    struct Package: Decodable {
      struct Target: Decodable {
        let name: String
        let type: String
        let path: String?
        let dependencies: [Dependency]
      }
      struct Dependency: Decodable {
        let byName: [String?]?
      }
      let targets: [Target]
    }
    let package = try JSONDecoder().decode(Package.self, from: json)
    var graph: [String: Set<String>] = [:]
    for target in package.targets
    where target.type != "test" && !(target.path?.hasPrefix("Tests/") ?? false) {
      graph[target.name] = Set(target.dependencies.compactMap { $0.byName?.first ?? nil })
    }
    return graph
  }

  private static func imported(by module: String) -> Set<String> {
    let folders = ["RedressSQL": "sql", "ShippedPolicies": "fixtures/policies"]
    let folder = folders[module] ?? "Sources/\(module)"
    let files = SourceTree.files(in: folder, ending: ".swift")
    #expect(!files.isEmpty, "\(module) has no sources")
    return Set(files.flatMap(imports))
  }

  /// The words between backquotes.
  private static func code(in cell: Substring) -> Set<String> {
    let parts = cell.split(separator: "`", omittingEmptySubsequences: false)
    return Set(parts.indices.filter { $0 % 2 == 1 }.map { String(parts[$0]) })
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
