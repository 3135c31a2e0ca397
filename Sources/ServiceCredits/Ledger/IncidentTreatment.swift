/// What a run does with an incident. The frozen evidence records it.
public enum IncidentTreatment: Hashable, Sendable {
  /// Resolved and valid: its credits are calculated.
  case counted
  /// Declared void: recorded credits are taken back.
  case void
  /// Not resolved yet: recorded credits stay as they are.
  case open
  /// Resolved without an outage window: recorded credits stay as they are.
  case noOutageScope
  /// A bad row, reported with this finding code: recorded credits stay as they are.
  case parked(code: String)

  /// The treatment with this code. Every other code is the code of a finding.
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

  /// Whether recorded credits stay as they are.
  public var isHeld: Bool {
    switch self {
    case .counted, .void: false
    case .open, .noOutageScope, .parked: true
    }
  }
}
