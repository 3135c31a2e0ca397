package import CreditRun
import Digests
import LedgerReports
package import PolicyFiles
package import ServiceCredits

/// What the source says once it is mapped, for somebody who knows the figures of the business: to be read and signed
/// before the first run.
package struct MappingReview: Sendable {
  /// The monthly fees in force of a plan and a service, of what is left of a currency, or of a whole currency.
  package struct Fees: Sendable {
    package enum Scope: Hashable, Sendable {
      case plan(String?, service: String?, serviceName: String?)
      /// So many further plans and services, which are not listed.
      case others(Int64)
      case currency
    }

    package let currency: String?
    package let scope: Scope
    package let terms: Int64
    /// The exact sum in major units, a decimal number without an exponent.
    package let fee: String
  }

  package struct Tier: Sendable {
    /// `nil` for what is not listed by itself.
    package internal(set) var name: String?
    package internal(set) var customers: Int64
    package internal(set) var withoutSubscription: Int64
    package internal(set) var subscriptions: Int64
    package internal(set) var inForce: Int64
  }

  package struct Invoices: Sendable {
    package let status: String?
    package let currency: String?
    package let count: Int64
    /// The exact sum in major units.
    package let amountDue: String
    package let firstDay: String?
    package let lastDay: String?
  }

  /// How many customers have no draft, one, or several.
  package struct Drafts: Sendable {
    package let drafts: Int64
    package let customers: Int64
    package let example: String?
  }

  package struct Incidents: Sendable {
    package let status: String?
    package let severity: String?
    package let count: Int64
    package let unresolved: Int64
    package let first: Instant?
    package let last: Instant?
  }

  package struct Outages: Sendable {
    package enum Scope: Hashable, Sendable {
      case service(String, name: String?)
      case allServices
      /// So many further services, which are not listed.
      case others(Int64)
    }

    package internal(set) var scope: Scope
    package internal(set) var incidents: Int64 = 0
    package internal(set) var windows: Int64 = 0
    package internal(set) var unended: Int64 = 0
    /// Of the windows that have an end.
    package internal(set) var microseconds: Int128 = 0
    /// Windows that touch every customer.
    package internal(set) var forAll: Int64 = 0
    /// Customers who are named.
    package internal(set) var customers: Int64 = 0
    package internal(set) var first: Instant?
    package internal(set) var last: Instant?
  }

  /// A finding of the night, for its code the first ones.
  package struct Told: Sendable {
    package let row: String
    package let problem: String
    package let remedy: String
  }

  package let database: String
  package let ledgerId: String
  package let asOf: Instant
  package let months: ClosedRange<BillingMonth>
  package let policy: PolicyDocument
  /// The version in force at `asOf`.
  package let version: PolicyVersion
  package internal(set) var fees: [Fees] = []
  package internal(set) var tiers: [Tier] = []
  package internal(set) var signs: [SeenSign] = []
  package internal(set) var invoices: [Invoices] = []
  /// Invoices of statuses and currencies that are not listed.
  package internal(set) var otherInvoices: Int64 = 0
  var hasDrafts = false
  package internal(set) var drafts: [Drafts] = []
  package internal(set) var incidents: [Incidents] = []
  /// Incidents of statuses and severities that are not listed.
  package internal(set) var otherIncidents: Int64 = 0
  package internal(set) var outages: [Outages] = []
  package var night: WouldBeNight?
  package private(set) var told: [FindingCode: [Told]] = [:]

  /// How many keys of a sign or a finding are listed.
  package static let examples = 10
  /// How many plans of a currency, tiers, statuses or services are listed.
  package static let groups = 50

  init(
    database: String, ledgerId: String, asOf: Instant, months: ClosedRange<BillingMonth>,
    policy: PolicyDocument, version: PolicyVersion
  ) {
    self.database = database
    self.ledgerId = ledgerId
    self.asOf = asOf
    self.months = months
    self.policy = policy
    self.version = version
  }

  /// Whether somebody has to look at a sign, beside what is only to be known.
  package var asksForReview: Bool { signs.contains { !$0.isNote } }

  /// Takes a finding of the night.
  package mutating func add(_ finding: Finding) {
    guard told[finding.code, default: []].count < 3 else { return }
    told[finding.code, default: []].append(
      Told(
        row: "\(finding.relation) \(finding.key.text)", problem: finding.problem,
        remedy: finding.remedy))
  }

  /// SHA-256 of the policy file, in hexadecimal.
  var policyDigest: String { SHA256.hash(policy.bytes).hex }
}
