/// Nothing has an id that somebody asked for.
public struct NoSuchId: Error, Hashable, Sendable {
  public let id: String
  /// What it was said to be; `nil` where it might have been anything.
  public let kind: FoundId.Kind?
  /// An id that there is and that looks like it.
  public let nearMiss: String?

  public init(_ id: String, kind: FoundId.Kind?, nearMiss: String?) {
    self.id = id
    self.kind = kind
    self.nearMiss = nearMiss
  }
}
