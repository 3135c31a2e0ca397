/// The SQL that the program carries with it, byte for byte as in the files of this folder.
public enum RedressSQL {
  /// A step that brings the owned schema from one version to the next.
  public struct Migration: Hashable, Sendable {
    /// Position in the sequence, from 1 without gaps; also the schema's version once it is applied.
    public let number: Int32
    /// The file's name without its number and ending.
    public let name: String
    /// The file's bytes: SQL in UTF-8, any number of statements.
    public let bytes: [UInt8]

    /// `0001_ledger.sql`: the file's name in `sql/migrations`.
    public var fileName: String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "_\(name).sql"
    }

    public init(number: Int32, name: String, bytes: [UInt8]) {
      self.number = number
      self.name = name
      self.bytes = bytes
    }
  }

  /// Every migration, in the order in which they are applied.
  public static let migrations: [Migration] = [
    Migration(number: 1, name: "ledger", bytes: PackageResources._001_ledger_sql),
    Migration(
      number: 2, name: "months", bytes: PackageResources._002_months_sql),
    Migration(number: 3, name: "roles", bytes: PackageResources._003_roles_sql),
    Migration(number: 4, name: "ledger_id", bytes: PackageResources._004_ledger_id_sql),
    Migration(number: 5, name: "wide_sums", bytes: PackageResources._005_wide_sums_sql),
    Migration(number: 6, name: "run_digests", bytes: PackageResources._006_run_digests_sql),
    Migration(number: 7, name: "placements", bytes: PackageResources._007_placements_sql),
    Migration(number: 8, name: "source", bytes: PackageResources._008_source_sql),
    Migration(number: 9, name: "controller", bytes: PackageResources._009_controller_sql),
    Migration(number: 10, name: "adoption", bytes: PackageResources._010_adoption_sql),
    Migration(number: 11, name: "closing", bytes: PackageResources._011_closing_sql),
    Migration(number: 12, name: "acceptance", bytes: PackageResources._012_acceptance_sql),
    Migration(number: 13, name: "journal", bytes: PackageResources._013_journal_sql),
    Migration(number: 14, name: "approval", bytes: PackageResources._014_approval_sql),
    Migration(
      number: 15, name: "set_off_invoice", bytes: PackageResources._015_set_off_invoice_sql),
    Migration(number: 16, name: "observations", bytes: PackageResources._016_observations_sql),
    Migration(
      number: 17, name: "mapping_functions", bytes: PackageResources._017_mapping_functions_sql),
    Migration(number: 18, name: "handover", bytes: PackageResources._018_handover_sql),
  ]

  /// The plain source tables, for operators who have no such data elsewhere. SQL in UTF-8, several statements.
  public static var sourceTables: [UInt8] { PackageResources._001_source_tables_sql }

  /// The name of that file in `sql/source`.
  public static let sourceTablesFileName = "0001_source_tables.sql"

  /// What a database on several nodes has besides. SQL in UTF-8, several statements.
  public static var holdCommits: [UInt8] { PackageResources._001_hold_commits_sql }

  /// The name of that file in `sql/distribution`.
  public static let holdCommitsFileName = "0001_hold_commits.sql"

  /// One statement of a folder of `sql/queries`, by the name of its file.
  public enum Query: String, CaseIterable, Sendable {
    case acceptances
    case adoptions
    case amountsEarlierThatDay = "amounts_earlier_that_day"
    case appliedMigrations = "applied_migrations"
    case auditActionItems = "audit_action_items"
    case auditEvents = "audit_events"
    case auditPostMortems = "audit_post_mortems"
    case auditTimes = "audit_times"
    case auditWindows = "audit_windows"
    case businessDays = "business_days"
    case citusVersion = "citus_version"
    case claimsAreThere = "claims_are_there"
    case clearStagedCarriedForward = "clear_staged_carried_forward"
    case clearStagedCreditRevision = "clear_staged_credit_revision"
    case clearStagedDecision = "clear_staged_decision"
    case clearStagedEvidence = "clear_staged_evidence"
    case clearStagedInvoiceLine = "clear_staged_invoice_line"
    case clusterState = "cluster_state"
    case controlsAt = "controls_at"
    case copyCarried = "copy_carried"
    case copyCredits = "copy_credits"
    case copyDecisions = "copy_decisions"
    case copyFindings = "copy_findings"
    case copyLines = "copy_lines"
    case copyTableEverywhere = "copy_table_everywhere"
    case creditedMonths = "credited_months"
    case customerBounds = "customer_bounds"
    case customerCount = "customer_count"
    case distributeTable = "distribute_table"
    case doubledExclusions = "doubled_exclusions"
    case doubledInvoices = "doubled_invoices"
    case earliestMonths = "earliest_months"
    case endTransaction = "end_transaction"
    case enterpriseCustomers = "enterprise_customers"
    case enterpriseExclusions = "enterprise_exclusions"
    case enterpriseOutages = "enterprise_outages"
    case enterpriseTerms = "enterprise_terms"
    case evidenceContent = "evidence_content"
    case exclusions
    case explainDrafts = "explain_drafts"
    case explainIncident = "explain_incident"
    case explainIncidentRun = "explain_incident_run"
    case explainIncidentTotals = "explain_incident_totals"
    case explainIncidentWindows = "explain_incident_windows"
    case explainLines = "explain_lines"
    case explainRecordedLines = "explain_recorded_lines"
    case explainRevisions = "explain_revisions"
    case explainVersions = "explain_versions"
    case explainWindows = "explain_windows"
    case exportSnapshot = "export_snapshot"
    case faultyActionItems = "faulty_action_items"
    case faultyEvents = "faulty_events"
    case faultyPostMortems = "faulty_post_mortems"
    case findId = "find_id"
    case findInLedger = "find_in_ledger"
    case findProposals = "find_proposals"
    case findRecordedId = "find_recorded_id"
    case functionDefinitions = "function_definitions"
    case grantedElsewhere = "granted_elsewhere"
    case handoverEntries = "handover_entries"
    case handoverFeeTaxes = "handover_fee_taxes"
    case handoverInvoiceTaxes = "handover_invoice_taxes"
    case handoverInvoices = "handover_invoices"
    case handoverLines = "handover_lines"
    case handoverStray = "handover_stray"
    case hasLedgerLocks = "has_ledger_locks"
    case hiddenRun = "hidden_run"
    case holdCommits = "hold_commits"
    case incidents
    case insertAdoption = "insert_adoption"
    case insertApproval = "insert_approval"
    case insertEvidence = "insert_evidence"
    case insertHandover = "insert_handover"
    case insertMonthClosing = "insert_month_closing"
    case insertPolicyFile = "insert_policy_file"
    case insertPolicyVersion = "insert_policy_version"
    case insertProposal = "insert_proposal"
    case insertRecordedMonths = "insert_recorded_months"
    case insertRun = "insert_run"
    case insertRunDigest = "insert_run_digest"
    case insertVisibleRun = "insert_visible_run"
    case invoicesAtHand = "invoices_at_hand"
    case invoicesNow = "invoices_now"
    case invoicingLock = "invoicing_lock"
    case isCoordinator = "is_coordinator"
    case journalCredits = "journal_credits"
    case journalLines = "journal_lines"
    case journalRuns = "journal_runs"
    case ledgerId = "ledger_id"
    case listFindings = "list_findings"
    case listRuns = "list_runs"
    case localDays = "local_days"
    case localHours = "local_hours"
    case localTimes = "local_times"
    case mappedColumns = "mapped_columns"
    case mappedColumnsThere = "mapped_columns_there"
    case mappingNeeds = "mapping_needs"
    case mappingChains = "mapping_chains"
    case mappingCustomerSigns = "mapping_customer_signs"
    case mappingDrafts = "mapping_drafts"
    case mappingFees = "mapping_fees"
    case mappingHistory = "mapping_history"
    case mappingIncidents = "mapping_incidents"
    case mappingInvoices = "mapping_invoices"
    case mappingMissing = "mapping_missing"
    case mappingOutages = "mapping_outages"
    case mappingPlacedDrafts = "mapping_placed_drafts"
    case mappingPlanSigns = "mapping_plan_signs"
    case mappingTermSigns = "mapping_term_signs"
    case mappingTiers = "mapping_tiers"
    case mappingUnlisted = "mapping_unlisted"
    case mayApprove = "may_approve"
    case mayHoldCommits = "may_hold_commits"
    case mayReadSource = "may_read_source"
    case mayRunAhead = "may_run_ahead"
    case migrationLock = "migration_lock"
    case missingLedgerPrivileges = "missing_ledger_privileges"
    case monthClosings = "month_closings"
    case monthOf = "month_of"
    case monthStarts = "month_starts"
    case monthsToRecord = "months_to_record"
    case moveCarried = "move_carried"
    case moveCredits = "move_credits"
    case moveDecisions = "move_decisions"
    case moveEvidence = "move_evidence"
    case moveLines = "move_lines"
    case newestCarried = "newest_carried"
    case newestRun = "newest_run"
    case newestRunAt = "newest_run_at"
    case newestRunOfMonth = "newest_run_of_month"
    case newestSettled = "newest_settled"
    case newFindings = "new_findings"
    case nextAdoption = "next_adoption"
    case nextRunId = "next_run_id"
    case nodeState = "node_state"
    case noticeCredits = "notice_credits"
    case noticeCustomerCredits = "notice_customer_credits"
    case noticeIncidents = "notice_incidents"
    case noticeNewIncidents = "notice_new_incidents"
    case oldPreparedTransactions = "old_prepared_transactions"
    case observationLock = "observation_lock"
    case observeSeverities = "observe_severities"
    case observeTerms = "observe_terms"
    case otherNodes = "other_nodes"
    case outages
    case pageAmounts = "page_amounts"
    case pageDecreases = "page_decreases"
    case pageFindings = "page_findings"
    case pageFindingsByCode = "page_findings_by_code"
    case pageInvoices = "page_invoices"
    case pageMonthByRun = "page_month_by_run"
    case partNumber = "part_number"
    case pendingProposals = "pending_proposals"
    case placementLock = "placement_lock"
    case planNames = "plan_names"
    case policyFileContent = "policy_file_content"
    case policyInUse = "policy_in_use"
    case probeEvidence = "probe_evidence"
    case probeKey = "probe_key"
    case proposedCredits = "proposed_credits"
    case proposedLines = "proposed_lines"
    case recordedBasis = "recorded_basis"
    case recordedIncidents = "recorded_incidents"
    case recordedPolicyVersions = "recorded_policy_versions"
    case recordedRun = "recorded_run"
    case recordedUnderVersion = "recorded_under_version"
    case recordMigration = "record_migration"
    case reportFindings = "report_findings"
    case reportSetOff = "report_set_off"
    case reportMonthCredits = "report_month_credits"
    case reportMonthCreditsAt = "report_month_credits_at"
    case reportMonthInvoiceLines = "report_month_invoice_lines"
    case reportMonthInvoiceLinesAt = "report_month_invoice_lines_at"
    case reportMonthLines = "report_month_lines"
    case reportMonthLinesAt = "report_month_lines_at"
    case reportOpenCredits = "report_open_credits"
    case reportRunCredits = "report_run_credits"
    case reportRunInvoiceLines = "report_run_invoice_lines"
    case reportRunLines = "report_run_lines"
    case rewrittenRelations = "rewritten_relations"
    case runAmounts = "run_amounts"
    case runApproval = "run_approval"
    case runBeganAt = "run_began_at"
    case runLock = "run_lock"
    case runPolicies = "run_policies"
    case runsPosted = "runs_posted"
    case schemaIsThere = "schema_is_there"
    case serverState = "server_state"
    case services
    case sessionZone = "session_zone"
    case settleFinding = "settle_finding"
    case showTableEverywhere = "show_table_everywhere"
    case similarIds = "similar_ids"
    case sourceColumns = "source_columns"
    case sourceMakeup = "source_makeup"
    case sourceMakers = "source_makers"
    case sourceRelations = "source_relations"
    case stageCarried = "stage_carried"
    case stageCredits = "stage_credits"
    case stageDecisions = "stage_decisions"
    case sourceTellsTax = "source_tells_tax"
    case stagedRows = "staged_rows"
    case stageEvidence = "stage_evidence"
    case stageLines = "stage_lines"
    case streamClaims = "stream_claims"
    case streamCredits = "stream_credits"
    case streamCreditsEarlier = "stream_credits_earlier"
    case streamCustomers = "stream_customers"
    case streamExclusions = "stream_exclusions"
    case streamExclusionsSince = "stream_exclusions_since"
    case streamInvoices = "stream_invoices"
    case streamLines = "stream_lines"
    case streamLinesEarlier = "stream_lines_earlier"
    case streamOutages = "stream_outages"
    case streamOutagesSince = "stream_outages_since"
    case streamTerms = "stream_terms"
    case streamTermsSince = "stream_terms_since"
    case tableDistribution = "table_distribution"
    case timeZoneNames = "time_zone_names"
    case timeZoneSpellings = "time_zone_spellings"
    case touchLedger = "touch_ledger"
    case touchSource = "touch_source"
    case transactionIsOpen = "transaction_is_open"
    case transferredExclusions = "transferred_exclusions"
    case transferredHeld = "transferred_held"
    case transferredOutages = "transferred_outages"
    case transferredShares = "transferred_shares"
    case transferredSubscriptions = "transferred_subscriptions"
    case transferredSubscriptionsOf = "transferred_subscriptions_of"
    case transferredTerms = "transferred_terms"
    case transfers
    case tryHandoverLock = "try_handover_lock"
    case tryRunLock = "try_run_lock"
    case undistributedTables = "undistributed_tables"
    case unfinishedInvoices = "unfinished_invoices"
    case verifyAcceptances = "verify_acceptances"
    case verifyAcceptancesSeen = "verify_acceptances_seen"
    case verifyAcceptedFindings = "verify_accepted_findings"
    case verifyApprovals = "verify_approvals"
    case verifyCarried = "verify_carried"
    case verifyCreditedTwice = "verify_credited_twice"
    case verifyCredits = "verify_credits"
    case verifyCreditsSince = "verify_credits_since"
    case verifyEvidence = "verify_evidence"
    case verifyEvidenceSince = "verify_evidence_since"
    case verifyFindings = "verify_findings"
    case verifyLines = "verify_lines"
    case verifyLinesSince = "verify_lines_since"
    case verifyMonthClosings = "verify_month_closings"
    case verifyMonths = "verify_months"
    case verifyNotCarried = "verify_not_carried"
    case verifyOvercredited = "verify_overcredited"
    case verifyPlacementRows = "verify_placement_rows"
    case verifyPlacements = "verify_placements"
    case verifyPolicyFiles = "verify_policy_files"
    case verifyPolicyVersions = "verify_policy_versions"
    case verifyProposals = "verify_proposals"
    case verifyRecordedMonths = "verify_recorded_months"
    case verifyRecords = "verify_records"
    case verifyRuns = "verify_runs"
    case verifySetOff = "verify_set_off"
    case versionStart = "version_start"
    case whatIsThere = "what_is_there"

    /// The statement with its header comment.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The bytes of the file.
    public var bytes: [UInt8] {
      switch self {
      case .acceptances: PackageResources.acceptances_sql
      case .adoptions: PackageResources.adoptions_sql
      case .amountsEarlierThatDay: PackageResources.amounts_earlier_that_day_sql
      case .appliedMigrations: PackageResources.applied_migrations_sql
      case .auditActionItems: PackageResources.audit_action_items_sql
      case .auditEvents: PackageResources.audit_events_sql
      case .auditPostMortems: PackageResources.audit_post_mortems_sql
      case .auditTimes: PackageResources.audit_times_sql
      case .auditWindows: PackageResources.audit_windows_sql
      case .businessDays: PackageResources.business_days_sql
      case .citusVersion: PackageResources.citus_version_sql
      case .claimsAreThere: PackageResources.claims_are_there_sql
      case .clearStagedCarriedForward: PackageResources.clear_staged_carried_forward_sql
      case .clearStagedCreditRevision: PackageResources.clear_staged_credit_revision_sql
      case .clearStagedDecision: PackageResources.clear_staged_decision_sql
      case .clearStagedEvidence: PackageResources.clear_staged_evidence_sql
      case .clearStagedInvoiceLine: PackageResources.clear_staged_invoice_line_sql
      case .clusterState: PackageResources.cluster_state_sql
      case .controlsAt: PackageResources.controls_at_sql
      case .copyCarried: PackageResources.copy_carried_sql
      case .copyCredits: PackageResources.copy_credits_sql
      case .copyDecisions: PackageResources.copy_decisions_sql
      case .copyFindings: PackageResources.copy_findings_sql
      case .copyLines: PackageResources.copy_lines_sql
      case .copyTableEverywhere: PackageResources.copy_table_everywhere_sql
      case .creditedMonths: PackageResources.credited_months_sql
      case .customerBounds: PackageResources.customer_bounds_sql
      case .customerCount: PackageResources.customer_count_sql
      case .distributeTable: PackageResources.distribute_table_sql
      case .doubledExclusions: PackageResources.doubled_exclusions_sql
      case .doubledInvoices: PackageResources.doubled_invoices_sql
      case .earliestMonths: PackageResources.earliest_months_sql
      case .endTransaction: PackageResources.end_transaction_sql
      case .enterpriseCustomers: PackageResources.enterprise_customers_sql
      case .enterpriseExclusions: PackageResources.enterprise_exclusions_sql
      case .enterpriseOutages: PackageResources.enterprise_outages_sql
      case .enterpriseTerms: PackageResources.enterprise_terms_sql
      case .evidenceContent: PackageResources.evidence_content_sql
      case .exclusions: PackageResources.exclusions_sql
      case .explainDrafts: PackageResources.explain_drafts_sql
      case .explainIncident: PackageResources.explain_incident_sql
      case .explainIncidentRun: PackageResources.explain_incident_run_sql
      case .explainIncidentTotals: PackageResources.explain_incident_totals_sql
      case .explainIncidentWindows: PackageResources.explain_incident_windows_sql
      case .explainLines: PackageResources.explain_lines_sql
      case .explainRecordedLines: PackageResources.explain_recorded_lines_sql
      case .explainRevisions: PackageResources.explain_revisions_sql
      case .explainVersions: PackageResources.explain_versions_sql
      case .explainWindows: PackageResources.explain_windows_sql
      case .exportSnapshot: PackageResources.export_snapshot_sql
      case .faultyActionItems: PackageResources.faulty_action_items_sql
      case .faultyEvents: PackageResources.faulty_events_sql
      case .faultyPostMortems: PackageResources.faulty_post_mortems_sql
      case .findId: PackageResources.find_id_sql
      case .findInLedger: PackageResources.find_in_ledger_sql
      case .findProposals: PackageResources.find_proposals_sql
      case .findRecordedId: PackageResources.find_recorded_id_sql
      case .functionDefinitions: PackageResources.function_definitions_sql
      case .grantedElsewhere: PackageResources.granted_elsewhere_sql
      case .handoverEntries: PackageResources.handover_entries_sql
      case .handoverFeeTaxes: PackageResources.handover_fee_taxes_sql
      case .handoverInvoiceTaxes: PackageResources.handover_invoice_taxes_sql
      case .handoverInvoices: PackageResources.handover_invoices_sql
      case .handoverLines: PackageResources.handover_lines_sql
      case .handoverStray: PackageResources.handover_stray_sql
      case .hasLedgerLocks: PackageResources.has_ledger_locks_sql
      case .hiddenRun: PackageResources.hidden_run_sql
      case .holdCommits: PackageResources.hold_commits_sql
      case .incidents: PackageResources.incidents_sql
      case .insertAdoption: PackageResources.insert_adoption_sql
      case .insertApproval: PackageResources.insert_approval_sql
      case .insertEvidence: PackageResources.insert_evidence_sql
      case .insertHandover: PackageResources.insert_handover_sql
      case .insertMonthClosing: PackageResources.insert_month_closing_sql
      case .insertPolicyFile: PackageResources.insert_policy_file_sql
      case .insertPolicyVersion: PackageResources.insert_policy_version_sql
      case .insertProposal: PackageResources.insert_proposal_sql
      case .insertRecordedMonths: PackageResources.insert_recorded_months_sql
      case .insertRun: PackageResources.insert_run_sql
      case .insertRunDigest: PackageResources.insert_run_digest_sql
      case .insertVisibleRun: PackageResources.insert_visible_run_sql
      case .invoicesAtHand: PackageResources.invoices_at_hand_sql
      case .invoicesNow: PackageResources.invoices_now_sql
      case .invoicingLock: PackageResources.invoicing_lock_sql
      case .isCoordinator: PackageResources.is_coordinator_sql
      case .journalCredits: PackageResources.journal_credits_sql
      case .journalLines: PackageResources.journal_lines_sql
      case .journalRuns: PackageResources.journal_runs_sql
      case .ledgerId: PackageResources.ledger_id_sql
      case .listFindings: PackageResources.list_findings_sql
      case .listRuns: PackageResources.list_runs_sql
      case .localDays: PackageResources.local_days_sql
      case .localHours: PackageResources.local_hours_sql
      case .localTimes: PackageResources.local_times_sql
      case .mappedColumns: PackageResources.mapped_columns_sql
      case .mappedColumnsThere: PackageResources.mapped_columns_there_sql
      case .mappingNeeds: PackageResources.mapping_needs_sql
      case .mappingChains: PackageResources.mapping_chains_sql
      case .mappingCustomerSigns: PackageResources.mapping_customer_signs_sql
      case .mappingDrafts: PackageResources.mapping_drafts_sql
      case .mappingFees: PackageResources.mapping_fees_sql
      case .mappingHistory: PackageResources.mapping_history_sql
      case .mappingIncidents: PackageResources.mapping_incidents_sql
      case .mappingInvoices: PackageResources.mapping_invoices_sql
      case .mappingMissing: PackageResources.mapping_missing_sql
      case .mappingOutages: PackageResources.mapping_outages_sql
      case .mappingPlacedDrafts: PackageResources.mapping_placed_drafts_sql
      case .mappingPlanSigns: PackageResources.mapping_plan_signs_sql
      case .mappingTermSigns: PackageResources.mapping_term_signs_sql
      case .mappingTiers: PackageResources.mapping_tiers_sql
      case .mappingUnlisted: PackageResources.mapping_unlisted_sql
      case .mayApprove: PackageResources.may_approve_sql
      case .mayHoldCommits: PackageResources.may_hold_commits_sql
      case .mayReadSource: PackageResources.may_read_source_sql
      case .mayRunAhead: PackageResources.may_run_ahead_sql
      case .migrationLock: PackageResources.migration_lock_sql
      case .missingLedgerPrivileges: PackageResources.missing_ledger_privileges_sql
      case .monthClosings: PackageResources.month_closings_sql
      case .monthOf: PackageResources.month_of_sql
      case .monthStarts: PackageResources.month_starts_sql
      case .monthsToRecord: PackageResources.months_to_record_sql
      case .moveCarried: PackageResources.move_carried_sql
      case .moveCredits: PackageResources.move_credits_sql
      case .moveDecisions: PackageResources.move_decisions_sql
      case .moveEvidence: PackageResources.move_evidence_sql
      case .moveLines: PackageResources.move_lines_sql
      case .newestCarried: PackageResources.newest_carried_sql
      case .newestRun: PackageResources.newest_run_sql
      case .newestRunAt: PackageResources.newest_run_at_sql
      case .newestRunOfMonth: PackageResources.newest_run_of_month_sql
      case .newestSettled: PackageResources.newest_settled_sql
      case .newFindings: PackageResources.new_findings_sql
      case .nextAdoption: PackageResources.next_adoption_sql
      case .nextRunId: PackageResources.next_run_id_sql
      case .nodeState: PackageResources.node_state_sql
      case .noticeCredits: PackageResources.notice_credits_sql
      case .noticeCustomerCredits: PackageResources.notice_customer_credits_sql
      case .noticeIncidents: PackageResources.notice_incidents_sql
      case .noticeNewIncidents: PackageResources.notice_new_incidents_sql
      case .oldPreparedTransactions: PackageResources.old_prepared_transactions_sql
      case .observationLock: PackageResources.observation_lock_sql
      case .observeSeverities: PackageResources.observe_severities_sql
      case .observeTerms: PackageResources.observe_terms_sql
      case .otherNodes: PackageResources.other_nodes_sql
      case .outages: PackageResources.outages_sql
      case .pageAmounts: PackageResources.page_amounts_sql
      case .pageDecreases: PackageResources.page_decreases_sql
      case .pageFindings: PackageResources.page_findings_sql
      case .pageFindingsByCode: PackageResources.page_findings_by_code_sql
      case .pageInvoices: PackageResources.page_invoices_sql
      case .pageMonthByRun: PackageResources.page_month_by_run_sql
      case .partNumber: PackageResources.part_number_sql
      case .pendingProposals: PackageResources.pending_proposals_sql
      case .placementLock: PackageResources.placement_lock_sql
      case .planNames: PackageResources.plan_names_sql
      case .policyFileContent: PackageResources.policy_file_content_sql
      case .policyInUse: PackageResources.policy_in_use_sql
      case .probeEvidence: PackageResources.probe_evidence_sql
      case .probeKey: PackageResources.probe_key_sql
      case .proposedCredits: PackageResources.proposed_credits_sql
      case .proposedLines: PackageResources.proposed_lines_sql
      case .recordedBasis: PackageResources.recorded_basis_sql
      case .recordedIncidents: PackageResources.recorded_incidents_sql
      case .recordedPolicyVersions: PackageResources.recorded_policy_versions_sql
      case .recordedRun: PackageResources.recorded_run_sql
      case .recordedUnderVersion: PackageResources.recorded_under_version_sql
      case .recordMigration: PackageResources.record_migration_sql
      case .reportFindings: PackageResources.report_findings_sql
      case .reportSetOff: PackageResources.report_set_off_sql
      case .reportMonthCredits: PackageResources.report_month_credits_sql
      case .reportMonthCreditsAt: PackageResources.report_month_credits_at_sql
      case .reportMonthInvoiceLines: PackageResources.report_month_invoice_lines_sql
      case .reportMonthInvoiceLinesAt: PackageResources.report_month_invoice_lines_at_sql
      case .reportMonthLines: PackageResources.report_month_lines_sql
      case .reportMonthLinesAt: PackageResources.report_month_lines_at_sql
      case .reportOpenCredits: PackageResources.report_open_credits_sql
      case .reportRunCredits: PackageResources.report_run_credits_sql
      case .reportRunInvoiceLines: PackageResources.report_run_invoice_lines_sql
      case .reportRunLines: PackageResources.report_run_lines_sql
      case .rewrittenRelations: PackageResources.rewritten_relations_sql
      case .runAmounts: PackageResources.run_amounts_sql
      case .runApproval: PackageResources.run_approval_sql
      case .runBeganAt: PackageResources.run_began_at_sql
      case .runLock: PackageResources.run_lock_sql
      case .runPolicies: PackageResources.run_policies_sql
      case .runsPosted: PackageResources.runs_posted_sql
      case .schemaIsThere: PackageResources.schema_is_there_sql
      case .serverState: PackageResources.server_state_sql
      case .services: PackageResources.services_sql
      case .sessionZone: PackageResources.session_zone_sql
      case .settleFinding: PackageResources.settle_finding_sql
      case .showTableEverywhere: PackageResources.show_table_everywhere_sql
      case .similarIds: PackageResources.similar_ids_sql
      case .sourceColumns: PackageResources.source_columns_sql
      case .sourceMakeup: PackageResources.source_makeup_sql
      case .sourceMakers: PackageResources.source_makers_sql
      case .sourceRelations: PackageResources.source_relations_sql
      case .stageCarried: PackageResources.stage_carried_sql
      case .stageCredits: PackageResources.stage_credits_sql
      case .stageDecisions: PackageResources.stage_decisions_sql
      case .sourceTellsTax: PackageResources.source_tells_tax_sql
      case .stagedRows: PackageResources.staged_rows_sql
      case .stageEvidence: PackageResources.stage_evidence_sql
      case .stageLines: PackageResources.stage_lines_sql
      case .streamClaims: PackageResources.stream_claims_sql
      case .streamCredits: PackageResources.stream_credits_sql
      case .streamCreditsEarlier: PackageResources.stream_credits_earlier_sql
      case .streamCustomers: PackageResources.stream_customers_sql
      case .streamExclusions: PackageResources.stream_exclusions_sql
      case .streamExclusionsSince: PackageResources.stream_exclusions_since_sql
      case .streamInvoices: PackageResources.stream_invoices_sql
      case .streamLines: PackageResources.stream_lines_sql
      case .streamLinesEarlier: PackageResources.stream_lines_earlier_sql
      case .streamOutages: PackageResources.stream_outages_sql
      case .streamOutagesSince: PackageResources.stream_outages_since_sql
      case .streamTerms: PackageResources.stream_terms_sql
      case .streamTermsSince: PackageResources.stream_terms_since_sql
      case .tableDistribution: PackageResources.table_distribution_sql
      case .timeZoneNames: PackageResources.time_zone_names_sql
      case .timeZoneSpellings: PackageResources.time_zone_spellings_sql
      case .touchLedger: PackageResources.touch_ledger_sql
      case .touchSource: PackageResources.touch_source_sql
      case .transactionIsOpen: PackageResources.transaction_is_open_sql
      case .transferredExclusions: PackageResources.transferred_exclusions_sql
      case .transferredHeld: PackageResources.transferred_held_sql
      case .transferredOutages: PackageResources.transferred_outages_sql
      case .transferredShares: PackageResources.transferred_shares_sql
      case .transferredSubscriptions: PackageResources.transferred_subscriptions_sql
      case .transferredSubscriptionsOf: PackageResources.transferred_subscriptions_of_sql
      case .transferredTerms: PackageResources.transferred_terms_sql
      case .transfers: PackageResources.transfers_sql
      case .tryHandoverLock: PackageResources.try_handover_lock_sql
      case .tryRunLock: PackageResources.try_run_lock_sql
      case .undistributedTables: PackageResources.undistributed_tables_sql
      case .unfinishedInvoices: PackageResources.unfinished_invoices_sql
      case .verifyAcceptances: PackageResources.verify_acceptances_sql
      case .verifyAcceptancesSeen: PackageResources.verify_acceptances_seen_sql
      case .verifyAcceptedFindings: PackageResources.verify_accepted_findings_sql
      case .verifyApprovals: PackageResources.verify_approvals_sql
      case .verifyCarried: PackageResources.verify_carried_sql
      case .verifyCreditedTwice: PackageResources.verify_credited_twice_sql
      case .verifyCredits: PackageResources.verify_credits_sql
      case .verifyCreditsSince: PackageResources.verify_credits_since_sql
      case .verifyEvidence: PackageResources.verify_evidence_sql
      case .verifyEvidenceSince: PackageResources.verify_evidence_since_sql
      case .verifyFindings: PackageResources.verify_findings_sql
      case .verifyLines: PackageResources.verify_lines_sql
      case .verifyLinesSince: PackageResources.verify_lines_since_sql
      case .verifyMonthClosings: PackageResources.verify_month_closings_sql
      case .verifyMonths: PackageResources.verify_months_sql
      case .verifyNotCarried: PackageResources.verify_not_carried_sql
      case .verifyOvercredited: PackageResources.verify_overcredited_sql
      case .verifyPlacementRows: PackageResources.verify_placement_rows_sql
      case .verifyPlacements: PackageResources.verify_placements_sql
      case .verifyPolicyFiles: PackageResources.verify_policy_files_sql
      case .verifyPolicyVersions: PackageResources.verify_policy_versions_sql
      case .verifyProposals: PackageResources.verify_proposals_sql
      case .verifyRecordedMonths: PackageResources.verify_recorded_months_sql
      case .verifyRecords: PackageResources.verify_records_sql
      case .verifyRuns: PackageResources.verify_runs_sql
      case .verifySetOff: PackageResources.verify_set_off_sql
      case .versionStart: PackageResources.version_start_sql
      case .whatIsThere: PackageResources.what_is_there_sql
      }
    }
  }
}
