extension RedressSQL {
  /// A system whose tables are mapped to `redress_source` by files of `sql/mappings`.
  public enum MappedSystem: String, CaseIterable, Sendable {
    case dispatch
    case goalert
    case killbill
    case lago
    case oneuptime
    case stripe

    /// The tables and columns that are read. A line for each table: its name, a colon, and its columns with
    /// plain types, separated by commas.
    public var tables: String { text(files.tables) }
    /// The tables of decisions. SQL, several statements; `{{vendor}}` is the schema of the system's tables.
    public var decisions: String { text(files.decisions) }
    /// The views. SQL, several statements; `{{vendor}}` is the schema of the system's tables.
    public var views: String { text(files.views) }

    private var files: (tables: [UInt8], decisions: [UInt8], views: [UInt8]) {
      switch self {
      case .dispatch:
        (
          PackageResources.dispatch_tables_txt, PackageResources.dispatch_decisions_sql,
          PackageResources.dispatch_views_sql
        )
      case .goalert:
        (
          PackageResources.goalert_tables_txt, PackageResources.goalert_decisions_sql,
          PackageResources.goalert_views_sql
        )
      case .killbill:
        (
          PackageResources.killbill_tables_txt, PackageResources.killbill_decisions_sql,
          PackageResources.killbill_views_sql
        )
      case .lago:
        (
          PackageResources.lago_tables_txt, PackageResources.lago_decisions_sql,
          PackageResources.lago_views_sql
        )
      case .oneuptime:
        (
          PackageResources.oneuptime_tables_txt, PackageResources.oneuptime_decisions_sql,
          PackageResources.oneuptime_views_sql
        )
      case .stripe:
        (
          PackageResources.stripe_tables_txt, PackageResources.stripe_decisions_sql,
          PackageResources.stripe_views_sql
        )
      }
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
  }

  /// The tables of decisions that all systems share. SQL, several statements.
  public static var commonDecisions: String {
    String(decoding: PackageResources.common_decisions_sql, as: UTF8.self)
  }

  /// The view `service` over these decisions. SQL.
  public static var commonService: String {
    String(decoding: PackageResources.common_service_sql, as: UTF8.self)
  }

  /// The view of what is still to be decided in these tables. SQL, several statements.
  public static var commonUndecided: String {
    String(decoding: PackageResources.common_undecided_sql, as: UTF8.self)
  }
}
