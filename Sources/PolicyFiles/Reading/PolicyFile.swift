import Glibc
package import ResponseProcedures
package import ServiceCredits

/// The file in which the promise is written down.
///
/// YAML, read strictly: every value is the text that stands there, nothing is guessed from its look, and whatever is
/// unknown, missing, given twice or without effect is an error with its place.
/// - Source: credit rules, section 11.
package enum PolicyFile {
  /// The policy in the file at `path`.
  /// - Throws: every error that is in it.
  package static func read(path: String) throws(PolicyErrors) -> CreditPolicy {
    try document(path: path).policy
  }

  /// The policy in `bytes`.
  /// - Parameter name: the file's name, for errors.
  package static func parse(bytes: [UInt8], name: String) throws(PolicyErrors) -> CreditPolicy {
    try document(bytes: bytes, name: name).policy
  }

  /// The policy in the file at `path`, with what it takes to check the rest against a database.
  package static func document(path: String) throws(PolicyErrors) -> PolicyDocument {
    switch contents(of: path) {
    case .success(let bytes):
      return try document(bytes: bytes, name: path)
    case .failure(let fault):
      throw PolicyErrors(
        file: path, .file(.unreadable(reason: unsafe String(cString: strerror(fault.number)))))
    }
  }

  /// The policy in `bytes`, with what it takes to check the rest against a database.
  /// - Parameter name: the file's name, for errors.
  package static func document(
    bytes: [UInt8], name: String
  ) throws(PolicyErrors) -> PolicyDocument {
    let text = PolicyText(bytes)
    guard text.errors.isEmpty else { throw PolicyErrors(file: name, text.errors) }
    let decoder = PolicyDecoder(PolicyTree(text.bytes))
    guard decoder.errors.isEmpty else { throw PolicyErrors(file: name, decoder.errors) }
    return PolicyDocument(
      name: name, bytes: bytes, policy: CreditPolicy(versions: decoder.versions),
      procedures: decoder.procedures, places: decoder.places)
  }

  private struct FileFault: Error {
    let number: Int32
  }

  /// At most a little more than a policy file may have; a pipe is read as well as a file.
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

/// A policy as it was read from a file, with the places of what only a database can check: whether its time zones
/// exist, and when midnight is in them.
package struct PolicyDocument: Sendable {
  /// The file's name as the caller gave it.
  package let name: String
  /// What was read, byte for byte; for the digest.
  package let bytes: [UInt8]
  package let policy: CreditPolicy
  /// What each version of the policy promises besides credits.
  package let procedures: [ProcedureRules]
  private let places: [VersionPlaces]

  init(
    name: String, bytes: [UInt8], policy: CreditPolicy, procedures: [ProcedureRules],
    places: [VersionPlaces]
  ) {
    self.name = name
    self.bytes = bytes
    self.policy = policy
    self.procedures = procedures
    self.places = places
  }

  /// The newest version as a policy of its own.
  package var newestVersionAlone: PolicyDocument {
    PolicyDocument(
      name: name, bytes: bytes, policy: CreditPolicy(versions: policy.versions.suffix(1)),
      procedures: procedures.suffix(1), places: places.suffix(1))
  }

  /// The time zones that the versions name, sorted, each once.
  package var timeZones: [String] {
    Set(policy.versions.map(\.timeZone)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Refuses the versions whose time zone the database does not know.
  /// - Parameters:
  ///   - unknown: those of `timeZones` that it does not know.
  ///   - known: all that it knows, to guess which was meant; may be empty.
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

  /// Refuses versions that begin before or with an earlier one, which days alone do not show: the second of January
  /// begins in Kiritimati an hour before the first does in Pago Pago.
  /// - Parameter starts: the midnight of each version's `effectiveFrom` in its time zone, as the database has it.
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
  /// Of customers who have none: that of the newest version.
  package var timeZone: String { policy.versions[policy.versions.count - 1].timeZone }
}
