// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

/// A module of the program: `Sources/NAME`, every warning an error.
func module(
  _ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []
) -> Target {
  .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

/// The tests of modules: `Tests/NAME`.
func tests(
  _ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []
) -> Target {
  .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

let package = Package(
  name: "redress",
  products: [
    .executable(name: "redress", targets: ["redress"]),
    // For Tests/Benchmarks, a package of its own. Neither these nor the next are an interface for others.
    .library(name: "ServiceCredits", targets: ["ServiceCredits"]),
    .library(name: "Postgres", targets: ["Postgres"]),
    .library(name: "CreditLedger", targets: ["CreditLedger"]),
    .library(name: "Documents", targets: ["Documents"]),
    .library(name: "LedgerReports", targets: ["LedgerReports"]),
    // For the fuzzers in Tests/Fuzz.
    .library(name: "RedressProperties", targets: ["Properties"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
  ],
  targets: [
    // What the system brings.
    .systemLibrary(
      name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(
      name: "CLibCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(
      name: "CLibXLSXWriter", pkgConfig: "xlsxwriter",
      providers: [.apt(["libxlsxwriter-dev", "zlib1g-dev"])]),
    .systemLibrary(
      name: "CLibCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),

    // The rules. They know no database, no file and no clock.
    module("ServiceCredits"),
    module("ResponseProcedures", ["ServiceCredits"]),

    // Clients and formats. They know no feature.
    module("Postgres", ["CLibPQ"]),
    module("Digests", ["CLibCrypto"]),
    module("HTTPClient", ["CLibCurl"]),
    module("Workbooks", ["CLibXLSXWriter"]),
    module("Templates", [.product(name: "Mustache", package: "swift-mustache")]),
    module("PlainText"),
    module("OutputFiles", ["Digests"]),
    module(
      "Documents", ["ServiceCredits", "Digests", "Templates"], resources: [.embedInCode("Page")]),
    .target(
      name: "RedressSQL", path: "sql", exclude: ["schema.sql"],
      resources: [
        .embedInCode("migrations"), .embedInCode("source"), .embedInCode("distribution"),
        .embedInCode("mappings"), .embedInCode("queries"),
      ],
      swiftSettings: strict),
    // The published programmes, to be shown and tested.
    .target(
      name: "ShippedPolicies", path: "fixtures/policies", resources: [.embedInCode("shipped")],
      swiftSettings: strict),

    // What is read and what is stored.
    module(
      "PolicyFiles",
      [
        "ServiceCredits", "ResponseProcedures", "Digests", "PlainText",
        .product(name: "Yams", package: "Yams"),
      ]),
    module(
      "CreditLedger", ["ServiceCredits", "ResponseProcedures", "Postgres", "Digests", "RedressSQL"]),
    module(
      "FrozenEvidence",
      ["ServiceCredits", "CreditLedger", "Documents", "PolicyFiles", "Postgres", "RedressSQL"]),
    module(
      "LedgerReports",
      [
        "ServiceCredits", "CreditLedger", "Digests", "Documents", "FrozenEvidence", "OutputFiles",
        "Postgres", "RedressSQL", "Workbooks",
      ]),

    // What is decided: the reconciliation and the nightly run.
    module(
      "CreditRun",
      [
        "ServiceCredits", "CreditLedger", "Digests", "Documents", "FrozenEvidence", "LedgerReports",
        "OutputFiles", "PolicyFiles", "Postgres", "RedressSQL",
      ]),

    // Features. None of them knows another.
    module(
      "Explanations",
      [
        "ServiceCredits", "CreditLedger", "CreditRun", "Documents", "FrozenEvidence", "PlainText",
        "PolicyFiles", "Postgres", "RedressSQL",
      ]),
    module(
      "MappingReviews",
      [
        "ServiceCredits", "CreditRun", "Digests", "Documents", "LedgerReports", "PlainText",
        "PolicyFiles", "Postgres", "RedressSQL",
      ]),
    module(
      "FindingReviews",
      ["ServiceCredits", "CreditLedger", "Documents", "PlainText", "Postgres", "RedressSQL"]),
    module("Observations", ["CreditLedger", "Postgres", "RedressSQL"]),
    module(
      "Simulation",
      [
        "ServiceCredits", "CreditLedger", "CreditRun", "Documents", "LedgerReports", "PlainText",
        "PolicyFiles", "Postgres", "RedressSQL",
      ]),
    module(
      "ProcedureAudits",
      [
        "ServiceCredits", "ResponseProcedures", "CreditLedger", "CreditRun", "Documents",
        "LedgerReports", "OutputFiles", "PlainText", "PolicyFiles", "Postgres", "RedressSQL",
      ]),
    module(
      "Verification",
      [
        "ServiceCredits", "CreditLedger", "Digests", "Documents", "FrozenEvidence", "LedgerReports",
        "OutputFiles", "PlainText", "PolicyFiles", "Postgres",
      ]),
    module(
      "Notices",
      [
        "ServiceCredits", "CreditLedger", "CreditRun", "Digests", "Documents", "FrozenEvidence",
        "LedgerReports", "OutputFiles", "PlainText", "PolicyFiles", "Postgres", "RedressSQL",
        "Templates",
      ], resources: [.embedInCode("templates")]),

    module("SourceMappings", ["Postgres", "RedressSQL"]),

    module(
      "Handover",
      [
        "ServiceCredits", "CreditLedger", "Documents", "HTTPClient", "PlainText", "Postgres",
        "RedressSQL",
      ]),

    module(
      "Journals",
      [
        "ServiceCredits", "CreditLedger", "Documents", "FrozenEvidence", "LedgerReports",
        "OutputFiles", "PolicyFiles", "Postgres",
      ]),

    .executableTarget(
      name: "redress",
      dependencies: [
        "ServiceCredits", "ResponseProcedures", "CreditLedger", "CreditRun", "Digests", "Documents",
        "Explanations", "FindingReviews", "Handover",
        "FrozenEvidence", "Journals", "LedgerReports", "MappingReviews", "Notices", "Observations",
        "OutputFiles", "PlainText", "PolicyFiles", "Postgres",
        "ProcedureAudits", "RedressSQL", "ShippedPolicies", "Simulation", "SourceMappings",
        "Templates", "Verification",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),

    .target(name: "SeededRandom", path: "Tests/SeededRandom", swiftSettings: strict),
    .target(
      name: "RandomRules", dependencies: ["SeededRandom", "ServiceCredits"],
      path: "Tests/RandomRules", swiftSettings: strict),
    .target(
      name: "TestSupport", dependencies: ["Postgres"], path: "Tests/TestSupport",
      swiftSettings: strict),
    .target(
      name: "Properties",
      dependencies: [
        "Documents", "LedgerReports", "OutputFiles", "PolicyFiles", "CreditRun", "Postgres",
        "ServiceCredits", "SeededRandom", "TestSupport",
      ],
      path: "Tests/Properties", swiftSettings: strict),
    tests("PropertyTests", ["Properties", "TestSupport"]),
    tests("PostgresTests", ["Postgres", "SeededRandom", "TestSupport"]),
    tests("ProjectTests"),
    tests("PlainTextTests", ["PlainText"]),
    tests("DocumentsTests", ["Documents", "ServiceCredits", "CreditLedger", "Digests"]),
    tests("OutputFilesTests", ["OutputFiles", "LedgerReports", "Digests", "ServiceCredits"]),
    tests(
      "PolicyFilesTests",
      [
        "PolicyFiles", "ServiceCredits", "ResponseProcedures", "Digests", "SeededRandom",
        "ShippedPolicies", "TestSupport",
      ]),
    tests(
      "FrozenEvidenceTests",
      ["FrozenEvidence", "CreditLedger", "Documents", "PolicyFiles", "ServiceCredits"]),
    tests(
      "LedgerReportsTests",
      [
        "LedgerReports", "CreditLedger", "Digests", "Documents", "OutputFiles", "PlainText",
        "ServiceCredits", "TestSupport", "Workbooks",
      ]),
    tests("TemplatesTests", ["Templates"]),
    tests(
      "HandoverTests", ["Handover", "CreditLedger", "Documents", "HTTPClient", "ServiceCredits"]),
    tests(
      "JournalsTests",
      [
        "Journals", "CreditLedger", "OutputFiles", "PolicyFiles", "SeededRandom", "ServiceCredits",
        "TestSupport",
      ]),
    tests("NoticesTests", ["Notices", "CreditLedger", "Documents", "ServiceCredits", "Templates"]),
    tests("DigestsTests", ["Digests"]),
    tests("WorkbooksTests", ["Workbooks", "TestSupport"]),
    tests("ServiceCreditsTests", ["RandomRules", "ServiceCredits", "SeededRandom"]),
    tests("ResponseProceduresTests", ["ResponseProcedures", "ServiceCredits"]),
    tests(
      "SecondEngineTests",
      [
        "redress", "Documents", "PolicyFiles", "Postgres", "SeededRandom", "ServiceCredits",
        "TestSupport",
      ],
      exclude: [
        "before-the-night.sql", "broken-invariants.sql", "differences.sql", "policy-tables.sql",
        "second-engine.sql", "told-otherwise.sql",
      ]),
    tests(
      "RuleSecondEngineTests",
      [
        "redress", "PolicyFiles", "Postgres", "RandomRules", "SeededRandom", "ServiceCredits",
        "TestSupport",
      ],
      exclude: [
        "credits.sql", "fractions.sql", "measures.sql", "places.sql", "rule-tables.sql",
        "split.sql",
      ]),
    tests(
      "CreditRunTests",
      [
        "CreditLedger", "CreditRun", "Digests", "Documents", "LedgerReports", "PolicyFiles",
        "Postgres",
        "ResponseProcedures", "ServiceCredits", "TestSupport",
      ]),
    tests(
      "CreditLedgerTests",
      [
        "CreditLedger", "Digests", "Postgres", "RedressSQL", "ServiceCredits", "TestSupport",
        .product(name: "Subprocess", package: "swift-subprocess"),
      ]),
    tests(
      "CommandTests",
      [
        "redress", "CreditLedger", "CreditRun", "Digests", "Documents", "Explanations",
        "FrozenEvidence", "Handover",
        "LedgerReports", "Notices",
        "OutputFiles", "PlainText", "PolicyFiles", "Postgres", "ProcedureAudits", "SeededRandom",
        "ServiceCredits", "ShippedPolicies", "TestSupport", "Verification",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Subprocess", package: "swift-subprocess"),
      ], exclude: ["Browser", "read-mail.py", "remote-server.py"]),
    tests(
      "FaultTests",
      [
        "redress", "CreditLedger", "CreditRun", "Documents", "LedgerReports", "OutputFiles",
        "PolicyFiles", "Postgres", "ServiceCredits",
        "SeededRandom", "TestSupport",
      ]),
  ]
)

// `make test-rules` builds these alone. They need no library of the system and no package.
if Context.environment["REDRESS_RULES_ALONE"] != nil {
  let rules: Set<String> = [
    "ServiceCredits", "ResponseProcedures", "PlainText", "RandomRules", "SeededRandom",
    "ServiceCreditsTests", "ResponseProceduresTests", "PlainTextTests",
  ]
  package.targets.removeAll { !rules.contains($0.name) }
  package.products.removeAll()
  package.dependencies.removeAll()
}
