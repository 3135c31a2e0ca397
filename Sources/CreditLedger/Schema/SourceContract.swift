/// The relations and columns that the operator must provide according to the data contract.
public enum SourceContract {
  public struct Column: Hashable, Sendable {
    public let relation: String
    public let name: String
    /// As PostgreSQL writes it.
    public let type: String
  }

  /// The ten relations of `redress_source` that must be there, in the order of the contract.
  public static let relations: [String] = shapes.map(\.relation).filter {
    !optionalRelations.contains($0)
  }

  /// The relations that may be missing, in the order of the contract after the others.
  public static let optionalRelations = ["claim"]

  /// Every column of every relation, in the order of the contract.
  public static let columns: [Column] = shapes.flatMap { shape in
    shape.columns.map { Column(relation: shape.relation, name: $0.0, type: $0.1) }
  }

  /// The relations of `redress_source` that show the present only, for `redress observe`. Each may be missing, and no run
  /// reads them.
  static let presentRelations = presentShapes.map(\.relation)

  static let presentColumns: [Column] = presentShapes.flatMap { shape in
    shape.columns.map { Column(relation: shape.relation, name: $0.0, type: $0.1) }
  }

  private static var presentShapes: [(relation: String, columns: [(String, String)])] {
    [
      (
        "present_term",
        [
          ("subscription_id", text), ("customer_id", text), ("service_id", text), ("plan", text),
          ("monthly_fee", "numeric"), ("currency", text), ("since", time), ("until", time),
        ]
      ),
      (
        "present_severity",
        [
          ("incident_id", text), ("severity", text), ("service_id", text), ("customer_id", text),
          ("since", time),
        ]
      ),
    ]
  }

  private static let text = "text"
  private static let time = "timestamp with time zone"

  private static var shapes: [(relation: String, columns: [(String, String)])] {
    [
      (
        "customer",
        [
          ("customer_id", text), ("name", text), ("tier", text), ("time_zone", text),
          ("email", text),
        ]
      ),
      ("service", [("service_id", text), ("name", text)]),
      (
        "subscription_term",
        [
          ("subscription_id", text), ("customer_id", text), ("service_id", text), ("plan", text),
          ("monthly_fee", "numeric"), ("currency", text), ("valid_from", time), ("valid_to", time),
        ]
      ),
      (
        "incident",
        [
          ("incident_id", text), ("title", text), ("severity", text), ("status", text),
          ("started_at", time), ("acknowledged_at", time), ("resolved_at", time),
          ("root_cause", text), ("widespread", "boolean"), ("security", "boolean"),
          ("revenue_impact", "boolean"),
        ]
      ),
      (
        "outage",
        [
          ("incident_id", text), ("severity", text), ("service_id", text), ("customer_id", text),
          ("started_at", time), ("ended_at", time),
        ]
      ),
      (
        "exclusion",
        [
          ("exclusion_id", text), ("kind", text), ("service_id", text), ("customer_id", text),
          ("started_at", time), ("ended_at", time), ("announced_at", time),
        ]
      ),
      (
        "invoice",
        [
          ("invoice_id", text), ("customer_id", text), ("currency", text), ("status", text),
          ("issue_on", "date"), ("amount_due", "numeric"),
        ]
      ),
      (
        "incident_event",
        [
          ("incident_id", text), ("occurred_at", time), ("kind", text), ("customer_id", text),
          ("level", "integer"), ("note", text),
        ]
      ),
      ("post_mortem", [("incident_id", text), ("completed_at", time)]),
      ("action_item", [("incident_id", text), ("title", text), ("completed_at", time)]),
      (
        "claim",
        [
          ("customer_id", text), ("incident_id", text), ("billing_month", "date"),
          ("claimed_at", time),
        ]
      ),
    ]
  }
}
