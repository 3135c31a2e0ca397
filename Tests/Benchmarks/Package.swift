// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that whoever builds or tests Redress does not fetch and build the
// benchmark tool. `make bench-micro` runs it; the tool wants its targets in a folder called
// Benchmarks.
let package = Package(
  name: "redress-benchmarks",
  dependencies: [
    .package(name: "redress", path: "../.."),
    .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
  ],
  targets: [
    .target(name: "CAllocations", path: "CAllocations"),
    .executableTarget(
      name: "Night",
      dependencies: [
        "CAllocations",
        .product(name: "Benchmark", package: "benchmark"),
        .product(name: "CreditLedger", package: "redress"),
        .product(name: "Documents", package: "redress"),
        .product(name: "LedgerReports", package: "redress"),
        .product(name: "Postgres", package: "redress"),
        .product(name: "ServiceCredits", package: "redress"),
      ],
      path: "Night",
      swiftSettings: [.treatAllWarnings(as: .error)],
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
  ]
)
