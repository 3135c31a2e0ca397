// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
  name: "redress",
  products: [
    .executable(name: "redress", targets: ["redress"]),
    // For Tests/Benchmarks, a package of its own. Neither these nor the next are an interface for others.
    .library(name: "ServiceCredits", targets: ["ServiceCredits"]),
    .library(name: "Postgres", targets: ["Postgres"]),
    .library(name: "CreditLedger", targets: ["CreditLedger"]),
    .library(name: "CreditReports", targets: ["CreditReports"]),
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
    .systemLibrary(
      name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(
      name: "CLibCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(
      name: "CLibXLSXWriter", pkgConfig: "xlsxwriter",
      providers: [.apt(["libxlsxwriter-dev", "zlib1g-dev"])]),

    .target(name: "ServiceCredits", swiftSettings: strict),
    .target(
      name: "ResponseProcedures", dependencies: ["ServiceCredits"], swiftSettings: strict),
    .target(name: "Digests", dependencies: ["CLibCrypto"], swiftSettings: strict),
    .target(name: "Postgres", dependencies: ["CLibPQ"], swiftSettings: strict),
    .target(
      name: "RedressSQL", path: "sql", exclude: ["schema.sql"],
      resources: [.embedInCode("migrations"), .embedInCode("source"), .embedInCode("queries")],
      swiftSettings: strict),
    .target(
      name: "CreditLedger",
      dependencies: ["ServiceCredits", "ResponseProcedures", "Postgres", "Digests", "RedressSQL"],
      swiftSettings: strict),
    .target(name: "PlainText", swiftSettings: strict),
    .target(
      name: "CreditReports",
      dependencies: [
        "PlainText", "CreditLedger", "ServiceCredits", "ResponseProcedures", "Digests", "Templates",
        "Workbooks",
      ],
      resources: [.embedInCode("Page")], swiftSettings: strict),
    .target(name: "Workbooks", dependencies: ["CLibXLSXWriter"], swiftSettings: strict),
    .target(
      name: "Templates", dependencies: [.product(name: "Mustache", package: "swift-mustache")],
      swiftSettings: strict),
    .target(
      name: "Notices",
      dependencies: [
        "PlainText", "ServiceCredits", "CreditLedger", "CreditReports", "Digests", "Templates",
      ],
      resources: [.embedInCode("templates")], swiftSettings: strict),
    .target(
      name: "CreditRun",
      dependencies: [
        "PlainText", "ServiceCredits", "ResponseProcedures", "Postgres", "CreditLedger",
        "CreditReports",
        "Digests", "Notices", "RedressSQL", "Templates", "Workbooks",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "redress",
      dependencies: [
        "CreditRun", "CreditLedger", "CreditReports", "Digests", "Notices", "PlainText", "Postgres",
        "RedressSQL", "ResponseProcedures", "ServiceCredits", "Templates",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),

    .target(
      name: "TestSupport", dependencies: ["Postgres"], path: "Tests/TestSupport",
      swiftSettings: strict),
    .target(
      name: "Properties",
      dependencies: ["CreditReports", "CreditRun", "Postgres", "ServiceCredits", "TestSupport"],
      path: "Tests/Properties", swiftSettings: strict),
    .testTarget(
      name: "PropertyTests",
      dependencies: ["CreditReports", "CreditRun", "Properties", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "PostgresTests", dependencies: ["Postgres", "TestSupport"], swiftSettings: strict),
    .testTarget(name: "ProjectTests", swiftSettings: strict),
    .testTarget(
      name: "CreditReportsTests",
      dependencies: ["CreditLedger", "CreditReports", "PlainText", "ServiceCredits"],
      swiftSettings: strict),
    .testTarget(
      name: "TemplatesTests", dependencies: ["Templates"], swiftSettings: strict),
    .testTarget(
      name: "NoticesTests",
      dependencies: ["Notices", "CreditLedger", "CreditReports", "ServiceCredits", "Templates"],
      swiftSettings: strict),
    .testTarget(name: "DigestsTests", dependencies: ["Digests"], swiftSettings: strict),
    .testTarget(
      name: "ServiceCreditsTests", dependencies: ["ServiceCredits", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "ResponseProceduresTests", dependencies: ["ResponseProcedures", "ServiceCredits"],
      swiftSettings: strict),
    .testTarget(
      name: "SecondEngineTests",
      dependencies: ["redress", "Postgres", "ServiceCredits", "TestSupport"],
      exclude: [
        "before-the-night.sql", "broken-invariants.sql", "differences.sql", "policy-tables.sql",
        "second-engine.sql", "told-otherwise.sql",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "CreditRunTests",
      dependencies: [
        "CreditLedger", "CreditReports", "CreditRun", "Digests", "Postgres", "ResponseProcedures",
        "ServiceCredits", "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "CreditLedgerTests",
      dependencies: [
        "CreditLedger", "Digests", "Postgres", "RedressSQL", "ServiceCredits", "TestSupport",
        .product(name: "Subprocess", package: "swift-subprocess"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "redress", "CreditLedger", "CreditReports", "CreditRun", "Postgres", "ServiceCredits",
        "TestSupport",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Subprocess", package: "swift-subprocess"),
      ],
      exclude: ["Browser", "read-mail.py"], swiftSettings: strict),
    .testTarget(
      name: "FaultTests",
      dependencies: [
        "redress", "CreditLedger", "CreditReports", "CreditRun", "Postgres", "ServiceCredits",
        "TestSupport",
      ],
      swiftSettings: strict),
  ]
)
