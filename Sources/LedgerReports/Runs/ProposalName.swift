import Digests

/// How people and files name what a run came to.
package enum ProposalName {
  /// How many hexadecimal digits of the digest are enough.
  package static let digits = 12

  /// The first digits of the digest.
  package static func short(_ digest: [UInt8]) -> String { String(whole(digest).prefix(digits)) }

  /// All digits of the digest.
  package static func whole(_ digest: [UInt8]) -> String { SHA256Digest(digest)?.hex ?? "" }
}
