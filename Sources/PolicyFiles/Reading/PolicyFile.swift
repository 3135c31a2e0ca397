import Glibc
package import ResponseProcedures
package import ServiceCredits

/// Reads policy files.
///
/// A policy file is YAML, read strictly. Every value is the text in the file; its type is never
/// guessed. Anything unknown, missing, given twice or without effect is an error with its place.
/// - Source: credit rules, section 11.
package enum PolicyFile {
  /// The policy in the file at `path`.
  /// - Throws: all errors in the file.
  package static func read(path: String) throws(PolicyErrors) -> CreditPolicy {
    try document(path: path).policy
  }

  /// The policy in `bytes`.
  /// - Parameter name: the file's name, for errors.
  package static func parse(
    bytes: [UInt8], name: String, isKept: Bool = false
  ) throws(PolicyErrors) -> CreditPolicy {
    try document(bytes: bytes, name: name, isKept: isKept).policy
  }

  /// The policy in the file at `path`, with what is needed to check the rest against a database.
  package static func document(path: String) throws(PolicyErrors) -> PolicyDocument {
    switch contents(of: path) {
    case .success(let bytes):
      return try document(bytes: bytes, name: path)
    case .failure(let fault):
      throw PolicyErrors(
        file: path, .file(.unreadable(reason: unsafe String(cString: strerror(fault.number)))))
    }
  }

  /// The policy in `bytes`, with what is needed to check the rest against a database.
  /// - Parameters:
  ///   - name: the file's name, for errors.
  ///   - isKept: whether the ledger keeps these bytes, so that nobody can correct them. An empty
  ///     list of tiers or rules is read then, which earlier releases wrote and took.
  package static func document(
    bytes: [UInt8], name: String, isKept: Bool = false
  ) throws(PolicyErrors) -> PolicyDocument {
    let text = PolicyText(bytes)
    guard text.errors.isEmpty else { throw PolicyErrors(file: name, text.errors) }
    let decoder = PolicyDecoder(PolicyTree(text.bytes), isKept: isKept)
    guard decoder.errors.isEmpty else { throw PolicyErrors(file: name, decoder.errors) }
    return PolicyDocument(
      name: name, bytes: bytes,
      policy: CreditPolicy(
        versions: decoder.versions, holidays: decoder.procedures.flatMap(\.holidays)),
      procedures: decoder.procedures, places: decoder.places, programme: decoder.programme,
      examples: decoder.examples, accounts: decoder.accounts)
  }

  private struct FileFault: Error {
    let number: Int32
  }

  /// Reads slightly more than a policy file may have, so that a longer file is noticed. Reads pipes
  /// too.
  private static func contents(of path: String) -> Result<[UInt8], FileFault> {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return .failure(FileFault(number: errno)) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    let longest = PolicyText.longestBytes + 4
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while bytes.count < longest {
      let count = unsafe buffer.withUnsafeMutableBytes {
        unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
      }
      if count == 0 { break }
      if count > 0 {
        bytes.append(contentsOf: buffer[..<count])
      } else if errno != EINTR {
        return .failure(FileFault(number: errno))
      }
    }
    return .success(bytes)
  }
}

/// A policy that was read from a file. Has the places of the values that only a database can check:
/// time zones, and the dates that begin at their midnight.
package struct PolicyDocument: Sendable {
  /// The file's name as the caller gave it.
  package let name: String
  /// The content of the file, for the digest.
  package let bytes: [UInt8]
  package let policy: CreditPolicy
  /// The procedures of each version of the policy.
  package let procedures: [ProcedureRules]
  private let places: [VersionPlaces]
  /// Whose promise it is; `nil` if the file does not say.
  package let programme: Programme?
  /// What the file says that its rules give.
  package let examples: [PolicyExample]
  /// What credits are booked to. The same for all versions.
  package let accounts: AccountMap

  init(
    name: String, bytes: [UInt8], policy: CreditPolicy, procedures: [ProcedureRules],
    places: [VersionPlaces], programme: Programme?, examples: [PolicyExample],
    accounts: AccountMap = .usual
  ) {
    self.name = name
    self.bytes = bytes
    self.policy = policy
    self.procedures = procedures
    self.places = places
    self.programme = programme
    self.examples = examples
    self.accounts = accounts
  }

  /// A policy with only the newest version, as if it had always been in force.
  package var newestVersionAlone: PolicyDocument {
    PolicyDocument(
      name: name, bytes: bytes,
      policy: CreditPolicy(
        versions: policy.versions.suffix(1).map(\.inForceForEver), holidays: policy.holidays),
      procedures: procedures.suffix(1), places: places.suffix(1), programme: programme,
      examples: examples, accounts: accounts)
  }

  /// The time zones that the versions name, sorted, each once.
  package var timeZones: [String] {
    Set(policy.versions.map(\.timeZone)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Refuses versions whose time zone the database does not know.
  /// - Parameters:
  ///   - unknown: the members of `timeZones` that the database does not know.
  ///   - known: all time zones that the database knows, to guess which was meant; may be empty.
  /// - Throws: an error for each version with an unknown zone.
  package func check(
    unknownTimeZones unknown: Set<String>, known: [String] = []
  ) throws(PolicyErrors) {
    var errors = PolicyErrorList()
    for (version, places) in zip(policy.versions, places) where unknown.contains(version.timeZone) {
      let nearMiss = NearMiss.nearest(to: version.timeZone, among: known)
      errors.report(
        .value(.unknownTimeZone(version.timeZone, nearMiss: nearMiss)), at: places.timeZone)
    }
    guard errors.isEmpty else { throw PolicyErrors(file: name, errors) }
  }

  /// Refuses a version that begins before an earlier one, or at the same time. The dates alone do
  /// not show this: the second of January begins in Kiritimati an hour before the first does in
  /// Pago Pago.
  /// - Parameter starts: for each version, the midnight of `effectiveFrom` in its time zone,
  ///   computed by the database.
  package func check(startsInForce starts: [Instant]) throws(PolicyErrors) {
    precondition(starts.count == policy.versions.count, "every version has a start")
    var errors = PolicyErrorList()
    for conflict in CreditPolicy.orderConflicts(startingAt: starts) {
      let (version, latest) = (policy.versions[conflict.index], policy.versions[conflict.latest])
      errors.report(
        .rule(.versionStartsTooEarly(version.name, latest: latest.name)),
        at: places[conflict.index].effectiveFrom)
    }
    guard errors.isEmpty else { throw PolicyErrors(file: name, errors) }
  }
}

extension PolicyDocument {
  /// The time zone of customers who have none: that of the newest version.
  package var timeZone: String { policy.versions[policy.versions.count - 1].timeZone }
}
