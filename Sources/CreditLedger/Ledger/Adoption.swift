import Digests
public import Postgres
import RedressSQL
public import ServiceCredits

/// A policy file that was adopted: a row of `redress.policy_adoption`.
public struct Adoption: Hashable, Sendable {
  /// Counts from 1. The adoption with the highest number is in force.
  public let number: Int64
  /// SHA-256 of the file.
  public let policyDigest: [UInt8]
  /// The newest run at that time; 0 before the first.
  public let afterRun: Int64
  /// The first month that may be decided anew though runs have recorded it; `nil` if none may.
  public let restateFrom: BillingMonth?
  public let note: String
  public let adoptedAt: Instant
  /// The database user.
  public let adoptedBy: String
  let digest: [UInt8]
  /// Whether the row follows the one before it and matches its digest.
  public let isIntact: Bool

  /// Every adoption, by number.
  public static func all(_ connection: borrowing Connection) throws(PostgresError) -> [Adoption] {
    var all: [Adoption] = []
    _ = try connection.rows(.adoptions) { row in
      let record = AdoptionRecord(
        number: try row.int64(0), policyDigest: row.id(1), afterRun: try row.int64(2),
        restateFrom: row.isNull(3) ? nil : BillingMonth(daysSinceUnixEpoch: try row.date(3)),
        note: row.text(4), adoptedAt: Instant(microseconds: try row.timestamp(5)),
        adoptedBy: row.text(6), ledgerId: row.text(8), before: all.last?.digest ?? [])
      let digest = row.id(7)
      let isNext =
        record.number == Int64(all.count) + 1 && record.afterRun >= all.last?.afterRun ?? 0
      all.append(
        Adoption(
          record, digest: digest, isIntact: isNext && record.digest.bytes == digest))
    }
    return all
  }

  private init(_ record: AdoptionRecord, digest: [UInt8], isIntact: Bool) {
    number = record.number
    policyDigest = record.policyDigest
    afterRun = record.afterRun
    restateFrom = record.restateFrom
    note = record.note
    adoptedAt = record.adoptedAt
    adoptedBy = record.adoptedBy
    self.digest = digest
    self.isIntact = isIntact
  }

  /// The file that was adopted; `nil` if it is missing or its content is not that of the digest.
  public func content(_ connection: borrowing Connection) throws -> [UInt8]? {
    guard let content = try RecordedRun.policyFile(digest: policyDigest, connection),
      SHA256.hash(content).bytes == policyDigest
    else { return nil }
    return content
  }

  /// Adopts a file. The caller's transaction holds the lock of the one run, so that `after_run` is
  /// the newest run and no other adoption comes between.
  /// - Parameter earlier: all adoptions.
  public static func append(
    content: [UInt8], note: String, restateFrom: BillingMonth?, after earlier: [Adoption],
    _ connection: borrowing Connection
  ) throws -> Adoption {
    let policyDigest = SHA256.hash(content)
    try connection.query(
      RedressSQL.Query.insertPolicyFile.text, [.bytes(policyDigest.bytes), .bytes(content)])
    var record: AdoptionRecord?
    try connection.query(RedressSQL.Query.nextAdoption.text) { row in
      record = AdoptionRecord(
        number: Int64(earlier.count) + 1, policyDigest: policyDigest.bytes,
        afterRun: try row.int64(2), restateFrom: restateFrom, note: note,
        adoptedAt: Instant(microseconds: try row.timestamp(0)), adoptedBy: row.text(1),
        ledgerId: row.text(3), before: earlier.last?.digest ?? [])
    }
    guard let record else { preconditionFailure("the query returns one row") }
    try connection.query(
      RedressSQL.Query.insertAdoption.text,
      [
        .int64(record.number), .bytes(record.policyDigest), .int64(record.afterRun),
        restateFrom.map { .date($0.daysSinceUnixEpoch) } ?? .null, .text(note),
        .bytes(record.digest.bytes),
      ])
    return Adoption(record, digest: record.digest.bytes, isIntact: true)
  }
}

/// What the digest of an adoption is made of.
private struct AdoptionRecord {
  let number: Int64
  let policyDigest: [UInt8]
  let afterRun: Int64
  let restateFrom: BillingMonth?
  let note: String
  let adoptedAt: Instant
  let adoptedBy: String
  let ledgerId: String
  /// The digest of the adoption before; empty for the first.
  let before: [UInt8]

  /// Each value with its length in bytes before it, so that no two rows give the same bytes.
  var digest: SHA256Digest {
    var bytes: [UInt8] = []
    let values = [
      Array("\(number)".utf8), policyDigest, Array("\(afterRun)".utf8),
      Array((restateFrom?.text ?? "").utf8), Array(note.utf8),
      Array("\(adoptedAt.microseconds)".utf8), Array(adoptedBy.utf8), Array(ledgerId.utf8), before,
    ]
    for value in values { bytes += Array("\(value.count):".utf8) + value }
    return SHA256.hash(bytes)
  }
}

extension RecordedRun {
  /// The policy file of each run, by run.
  public static func policyDigests(
    _ connection: borrowing Connection
  ) throws -> [(runId: Int64, digest: [UInt8])] {
    try connection.rows(.runPolicies) { row in (try row.int64(0), row.id(1)) }
  }
}
