import Foundation
import ServiceCredits
import ShippedPolicies
import TestSupport
import Testing

@testable import PolicyFiles

/// Every published programme gives what its examples say, to the last minor unit.
@Suite struct ShippedPolicyTests {
  struct Row: CustomTestStringConvertible, Sendable {
    let file: String
    let example: PolicyExample

    var testDescription: String { "\(file): \(example.name)" }
  }

  static let rows: [Row] = ShippedPolicy.allCases.flatMap { file in
    (try? document(file))?.examples.map { Row(file: file.rawValue, example: $0) } ?? []
  }

  static func document(_ file: ShippedPolicy) throws -> PolicyDocument {
    try PolicyFile.document(bytes: file.bytes, name: "\(file.rawValue).yaml")
  }

  @Test(arguments: ShippedPolicy.allCases)
  func isRead(file: ShippedPolicy) throws {
    let document = try ShippedPolicyTests.document(file)
    #expect(document.programme != nil)
    #expect(document.policy.versions.last?.name == file.rawValue)
    #expect(!document.examples.isEmpty)
    for version in document.policy.versions {
      let text = PolicyFile.canonicalText(of: version)
      #expect(try PolicyFile.version(canonicalText: Array(text.utf8), name: "again") == version)
    }
  }

  /// The enumeration and the folder agree.
  @Test func allFilesShip() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "fixtures/policies/shipped")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(names == ShippedPolicy.allCases.map { "\($0.rawValue).yaml" }.sorted())
    for file in ShippedPolicy.allCases {
      let bytes = try Data(contentsOf: folder.appending(path: "\(file.rawValue).yaml"))
      #expect(Array(bytes) == file.bytes)
    }
    #expect(ShippedPolicyTests.rows.count >= 177)
  }

  @Test(arguments: rows)
  func exampleIsMet(row: Row) throws {
    let file = try #require(ShippedPolicy(rawValue: row.file))
    let document = try ShippedPolicyTests.document(file)
    guard document.timeZone(of: row.example) == "UTC" else { return }
    let calendar = try #require(
      ExampleCalendar.utc(of: row.example, holidays: document.policy.holidays))
    #expect(try document.credit(of: row.example, in: calendar) == row.example.creditMinor)
  }
}
