import Foundation
import ServiceCredits
import Testing

@testable import PolicyFiles

/// The error catalogue: each file of fixtures/policy-errors causes exactly the messages in the file
/// next to it.
@Suite struct PolicyErrorFixtureTests {
  /// Errors with their own tests: no small file, or no file at all, can cause them.
  static let shownElsewhere: Set<String> = ["unreadable", "fileTooLong", "severalVersions"]

  static let names: [String] = {
    let files = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
    return (files ?? []).filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
  }()

  @Test(arguments: names)
  func saysWhatIsExpected(name: String) throws {
    let errors = try #require(try PolicyErrorFixtureTests.errors(of: name))
    let said = errors.description + "\n"
    let expectation = PolicyErrorFixtureTests.folder.appending(path: "\(name).expected")
    if ProcessInfo.processInfo.environment["REDRESS_GOLDEN"] == "1" {
      try said.write(to: expectation, atomically: true, encoding: .utf8)
    }
    let expected = try String(contentsOf: expectation, encoding: .utf8)
    #expect(said.utf8.elementsEqual(expected.utf8), "\(said)")
  }

  @Test(arguments: names)
  func everyMessageIsTwoShortLines(name: String) throws {
    let errors = try #require(try PolicyErrorFixtureTests.errors(of: name))
    for placed in errors.errors {
      let text = placed.error.text
      #expect(!text.problem.contains("\n") && !text.remedy.contains("\n"))
      #expect(text.problem.hasSuffix("."), "\(text.problem)")
      #expect(text.problem.utf8.count < 300 && text.remedy.utf8.count < 300)
    }
  }

  @Test func everyExpectationHasItsFile() throws {
    let files = try FileManager.default.contentsOfDirectory(
      atPath: PolicyErrorFixtureTests.folder.path)
    let expectations = files.filter { $0.hasSuffix(".expected") }.map { String($0.dropLast(9)) }
    #expect(expectations.sorted() == PolicyErrorFixtureTests.names)
  }

  @Test func everyErrorIsReproduced() throws {
    let source = try String(
      contentsOf: PolicyErrorFixtureTests.package
        .appending(path: "Sources/PolicyFiles/Errors/PolicyError.swift"),
      encoding: .utf8)
    let declaration = try #require(source.split(separator: "enum PolicyError: Error").last)
    let body = try #require(declaration.split(separator: "\n}").first)
    let declared = Set(body.matches(of: /\n    case (\w+)/).map { String($0.1) })
    #expect(declared.count > 30)
    var reproduced: Set<String> = []
    for name in PolicyErrorFixtureTests.names {
      for placed in try PolicyErrorFixtureTests.errors(of: name)?.errors ?? [] {
        reproduced.insert(placed.error.caseName)
      }
    }
    #expect(declared.subtracting(reproduced) == PolicyErrorFixtureTests.shownElsewhere)
  }

  /// What a kind finds wrong with its values has a short name.
  @Test func everyFaultOfAKindIsReproduced() throws {
    let folder = PolicyErrorFixtureTests.package.appending(path: "Sources/ServiceCredits/Rules")
    var declared: Set<String> = []
    for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
      let source = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
      declared.formUnion(source.matches(of: /FieldFault\(\s*"(\w+)"/).map { String($0.1) })
    }
    #expect(declared.count > 10)
    var reproduced: Set<String> = []
    for name in PolicyErrorFixtureTests.names {
      for placed in try PolicyErrorFixtureTests.errors(of: name)?.errors ?? [] {
        if case .rule(.ofKind(let fault)) = placed.error { reproduced.insert(fault.name) }
      }
    }
    #expect(declared == reproduced)
  }

  /// A further kind of rule needs no change here.
  @Test func theReaderKnowsNoKindByName() throws {
    let folder = PolicyErrorFixtureTests.package.appending(path: "Sources/PolicyFiles")
    let kinds = Set(RuleKinds.all.map { "\($0)" })
    #expect(kinds.contains("PerUnit"))
    let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".swift") }
    #expect(files.count > 10)
    for file in files {
      let source = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
      let words = source.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
      #expect(kinds.isDisjoint(with: words), "\(file)")
    }
  }

  /// The errors of a fixture, including those that need a database. Here it has few time zones, in
  /// which the days of Kiritimati begin early and those of Pago Pago late.
  private static func errors(of name: String) throws -> PolicyErrors? {
    let file = folder.appending(path: "\(name).yaml")
    let bytes = [UInt8](try Data(contentsOf: file))
    let hoursFromUTC: [String: Int64] = [
      "UTC": 0, "Europe/Berlin": 1, "Pacific/Pago_Pago": -11, "Pacific/Kiritimati": 14,
    ]
    do throws(PolicyErrors) {
      let document = try PolicyFile.document(bytes: bytes, name: "\(name).yaml")
      try document.check(
        unknownTimeZones: Set(document.timeZones).subtracting(hoursFromUTC.keys),
        known: hoursFromUTC.keys.sorted())
      let starts = document.policy.versions.map { version in
        let days = Int64(version.effectiveFrom.year * 366 + version.effectiveFrom.day)
        let hours = days * 24 - (hoursFromUTC[version.timeZone] ?? 0)
        return Instant(microseconds: hours * 3_600_000_000)
      }
      try document.check(startsInForce: starts)
      return nil
    } catch {
      return error
    }
  }

  private static let package = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  private static let folder = package.appending(path: "fixtures/policy-errors")
}

extension PolicyError {
  fileprivate var caseName: String {
    let fault = Mirror(reflecting: self).children.first?.value ?? self
    return Mirror(reflecting: fault).children.first?.label ?? String(describing: fault)
  }
}
