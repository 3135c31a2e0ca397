// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nobody else's build pays for the fuzzers. `make fuzz` builds and
// runs them.
let fuzzer: [SwiftSetting] = [.unsafeFlags(["-parse-as-library"])]

let package = Package(
  name: "Fuzz",
  dependencies: [.package(name: "redress", path: "../..")],
  targets: ["FuzzPolicy", "FuzzCopyRows", "FuzzCSV"].map { name in
    .executableTarget(
      name: name, dependencies: [.product(name: "RedressProperties", package: "redress")],
      swiftSettings: fuzzer)
  }
)
