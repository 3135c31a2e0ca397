/// What a run makes of an incident, as it is frozen and told.
public enum IncidentTreatment: Hashable, Sendable {
  /// Resolved and sound: its credits are worked out.
  case counted
  /// Declared void: whatever was recorded is taken back.
  case void
  /// Not resolved yet: what was recorded stands.
  case open
  /// Resolved without an outage window: what was recorded stands.
  case noOutageScope
  /// A bad row, reported under this code: what was recorded stands.
  case parked(code: String)

  /// The treatment that `code` writes; whatever is no other code is that of a finding.
  public init(code: String) {
    switch code {
    case "counted": self = .counted
    case "void": self = .void
    case "open": self = .open
    case "no_outage_scope": self = .noOutageScope
    default: self = .parked(code: code)
    }
  }

  /// `counted`, `void`, `open`, `no_outage_scope`, or the code of the finding.
  public var code: String {
    switch self {
    case .counted: "counted"
    case .void: "void"
    case .open: "open"
    case .noOutageScope: "no_outage_scope"
    case .parked(let code): code
    }
  }

  /// Whether what was recorded stands as it is.
  public var isHeld: Bool {
    switch self {
    case .counted, .void: false
    case .open, .noOutageScope, .parked: true
    }
  }
}
