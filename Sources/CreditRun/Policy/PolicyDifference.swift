package import PolicyFiles
package import ServiceCredits

/// What a policy has and another has not, by version.
package struct PolicyDifference: Sendable {
  /// Versions of the new policy alone.
  package let added: [PolicyVersion]
  /// Versions of the old policy alone.
  package let gone: [PolicyVersion]
  /// Versions with the same name and another content, as in the new policy.
  package let changed: [PolicyVersion]
  /// Versions that both have.
  package let kept: [PolicyVersion]

  package init(from old: PolicyDocument, to new: PolicyDocument) {
    let (olds, news) = (old.policy.versions, new.policy.versions)
    func counterpart(of version: PolicyVersion, in others: [PolicyVersion]) -> PolicyVersion? {
      others.first { $0.name.utf8.elementsEqual(version.name.utf8) }
    }
    func isSame(_ version: PolicyVersion, _ other: PolicyVersion) -> Bool {
      PolicyFile.digest(of: version) == PolicyFile.digest(of: other)
    }
    added = news.filter { counterpart(of: $0, in: olds) == nil }
    gone = olds.filter { counterpart(of: $0, in: news) == nil }
    changed = news.filter { version in
      counterpart(of: version, in: olds).map { !isSame($0, version) } ?? false
    }
    kept = news.filter { version in
      counterpart(of: version, in: olds).map { isSame($0, version) } ?? false
    }
  }

  /// Whether all versions are the same, so that only what stands beside them differs.
  package var isEmpty: Bool { added.isEmpty && gone.isEmpty && changed.isEmpty }
}
