import CreditRun
package import Documents
import LedgerReports
import PolicyFiles
import ServiceCredits

extension MappingReview {
  /// The review as a page that needs no other file.
  package var page: Page {
    var sections = sections
    sections.append(signature)
    return Page(
      title: title, subtitle: "Database \(database), as of \(asOf.text)", facts: facts,
      sections: sections)
  }

  var title: String { "Does the mapping say what the business knows?" }

  /// What the digest is of, in the order of the page.
  var sections: [PageSection] {
    [summary, feeSection, customerSection]
      + signSections + [invoiceSection, incidentSection] + nightSections
  }

  var facts: [(label: String, value: String)] {
    [
      ("database", database), ("ledger", ledgerId.isEmpty ? MappingReview.nothing : ledgerId),
      ("as of", asOf.text), ("months", "\(months.lowerBound.text) to \(months.upperBound.text)"),
      ("policy", "\(policy.name), version \(version.name)"), ("policy SHA-256", policyDigest),
    ]
  }

  // MARK: Summary

  private var summary: PageSection {
    let review = signs.filter { !$0.isNote }
    var content: [PageContent] = [.figures(figures)]
    if let night, !night.exceeded.isEmpty {
      content.append(
        .notice(
          "The first run would be held: "
            + night.exceeded.map(\.text).joined(separator: "; ") + ".", see: "night"))
    }
    if signs.isEmpty {
      content.append(.paragraph("Nothing in the source looks like a wrong mapping."))
    }
    content += [("Signs to look at", review), ("To be known", signs.filter(\.isNote))]
      .filter { !$0.1.isEmpty }
      .map { caption, signs in
        .table(
          PageTable(
            caption: caption, columns: [.text("Sign"), .number("Number"), .text("Of")],
            rows: signs.map { seen in
              [.text(seen.sign.title), .count(seen.total), .text(seen.counted)]
            }))
      }
    return PageSection(
      title: "Summary", anchor: "summary",
      introduction:
        "Compare the figures with those that you know from elsewhere: recurring revenue, customers, invoices, outages."
        + (review.isEmpty ? "" : " Sign only when each sign to look at is explained or repaired."),
      content: content)
  }

  private var figures: [PageFigure] {
    let totals = fees.filter { $0.scope == .currency }
    let customers = tiers.reduce(0) { $0 + $1.customers }
    let subscriptions = tiers.reduce(0) { $0 + $1.subscriptions }
    var figures = [
      PageFigure(
        label: "Customers", value: .count(customers),
        details: [("subscriptions", .count(subscriptions))]),
      PageFigure(
        label: "Signs to look at", value: .count(Int64(signs.count { !$0.isNote })),
        details: [("to be known", .count(Int64(signs.count { $0.isNote })))]),
    ]
    if let night {
      figures.append(
        PageFigure(
          label: "First night", value: .text(night.exceeded.isEmpty ? "goes through" : "is held"),
          details: [("findings", .count(Int64(night.totals.findingCount)))]))
    }
    figures += totals.map { total in
      PageFigure(
        label: "Monthly fees, \(total.currency ?? "without a currency")",
        value: MappingReview.decimal(total.fee, total.currency),
        details: [("terms", .count(total.terms))])
    }
    return figures
  }

  // MARK: Fees

  private var feeSection: PageSection {
    var content: [PageContent] = []
    for total in fees where total.scope == .currency {
      let code = total.currency ?? MappingReview.nothing
      let rows = fees.filter { $0.currency == total.currency && $0.scope != .currency }
      content.append(
        .table(
          PageTable(
            caption: "Monthly fees in force in \(code)",
            columns: [
              .text("Plan"), .text("Service"), .text("Name"), .number("Terms"),
              .number("Monthly fees"),
            ],
            rows: rows.map { row(of: $0) }, totals: [row(of: total)])))
    }
    if content.isEmpty {
      content.append(.paragraph("No term is in force at \(asOf.text)."))
    }
    return PageSection(
      title: "Monthly fees", anchor: "fees",
      introduction:
        "The sums of monthly_fee over all terms in force at \(asOf.text), exact, in major units. A total should be the monthly recurring revenue that you know. A subscription has one term at an instant; terms that overlap are counted twice here, and are a finding.",
      content: content)
  }

  private func row(of fees: Fees) -> [PageCell] {
    let numbers: [PageCell] = [
      .count(fees.terms), MappingReview.decimal(fees.fee, fees.currency),
    ]
    switch fees.scope {
    case .plan(let plan, let service, let name):
      return [MappingReview.code(plan), MappingReview.code(service), .text(name ?? "")] + numbers
    case .others(let count):
      return [.text("\(count) further plans and services"), .text(""), .text("")] + numbers
    case .currency:
      return [.text("Total"), .text(""), .text("")] + numbers
    }
  }

  // MARK: Customers

  private var customerSection: PageSection {
    func row(_ tier: Tier, _ name: PageCell) -> [PageCell] {
      [
        name, .count(tier.customers), .count(tier.withoutSubscription), .count(tier.subscriptions),
        .count(tier.inForce),
      ]
    }
    var total = Tier(
      name: nil, customers: 0, withoutSubscription: 0, subscriptions: 0, inForce: 0)
    for tier in tiers { total.add(tier) }
    return PageSection(
      title: "Customers", anchor: "customers",
      introduction:
        "By tier, as the source writes it; enterprise in any case is the Enterprise tier. A subscription of customers that are not there is not counted here, but under the signs.",
      content: [
        .table(
          PageTable(
            caption: "Customers and subscriptions by tier",
            columns: [
              .text("Tier"), .number("Customers"), .number("Without a subscription"),
              .number("Subscriptions"), .number("In force"),
            ],
            rows: tiers.map { row($0, .text($0.name ?? "others")) },
            totals: [row(total, .text("Total"))]))
      ])
  }

  // MARK: Signs

  private var signSections: [PageSection] {
    let review = signs.filter { !$0.isNote }
    let notes = signs.filter { $0.isNote }
    var sections = [
      PageSection(
        title: "To look at", anchor: "look",
        introduction: review.isEmpty
          ? "No sign of a wrong mapping was seen."
          : "Each may be right. Those that are not pay too much, too little, or the wrong customer.",
        content: review.flatMap { content(of: $0) }
          + [.heading("What this page cannot see"), .list(MappingReview.blindness)])
    ]
    if !notes.isEmpty {
      sections.append(
        PageSection(
          title: "To be known", anchor: "know", content: notes.flatMap { content(of: $0) }))
    }
    return sections
  }

  private func content(of seen: SeenSign) -> [PageContent] {
    let sign = seen.sign
    var content: [PageContent] = [.heading(sign.title), .paragraph(sign.meaning)]
    if !seen.examples.isEmpty {
      let shown = seen.examples.count
      let isWhole = Int64(shown) >= seen.total || sign == .presentOnly || sign == .unlisted
      content.append(
        .table(
          PageTable(
            caption: "\(seen.total) \(seen.counted)" + (isWhole ? "" : ", the first \(shown)"),
            columns: sign.columns,
            rows: seen.examples.map { cells in
              cells.map { $0.map { PageCell.code($0) } ?? .none }
            })))
    }
    content.append(.paragraph("What to do: " + sign.advice))
    return content
  }

  private static let blindness = [
    "a value that is listed but wrong: a cancelled invoice that the view calls a draft, a P1 that it calls a P2;",
    "another organisation's rows whose ids, names and emails look like your own;",
    "fees that are missing altogether: usage, minimum commitments, seats that are charged apart;",
    "times that are shifted by a wrong time zone, and amounts with tax beside fees without;",
    "currencies that are divided wrongly, where no price is in a major currency to compare with.",
  ]

  // MARK: Invoices and incidents

  private var invoiceSection: PageSection {
    var content: [PageContent] = [
      .table(
        PageTable(
          caption: "Invoices by status and currency",
          columns: [
            .text("Status"), .text("Currency"), .number("Invoices"), .number("Amount due"),
            .text("First day"), .text("Last day"),
          ],
          rows: invoices.map { row in
            [
              MappingReview.code(row.status), MappingReview.code(row.currency), .count(row.count),
              MappingReview.decimal(row.amountDue, row.currency),
              row.firstDay.map { .text($0) } ?? .none, row.lastDay.map { .text($0) } ?? .none,
            ]
          },
          totals: otherInvoices == 0
            ? []
            : [[.text("others"), .text(""), .count(otherInvoices), .text(""), .none, .none]])),
      .table(
        PageTable(
          caption: "Drafts by customer",
          columns: [.text("Drafts"), .number("Customers"), .text("First of them")],
          rows: drafts.map { row in
            [
              .text(row.drafts == 0 ? "none" : row.drafts == 1 ? "one" : "two or more"),
              .count(row.customers), MappingReview.code(row.example),
            ]
          })),
    ]
    if !hasDrafts {
      content.append(
        .notice(
          "There is no draft, so no credit is placed on an invoice: the credits have to be handed over to the billing system.",
          see: "know"))
    }
    return PageSection(
      title: "Invoices", anchor: "invoices",
      introduction: "Credits are placed on drafts alone. A finalized or void invoice takes none.",
      content: content)
  }

  private var incidentSection: PageSection {
    PageSection(
      title: "Incidents", anchor: "incidents",
      introduction:
        "Only resolved incidents are credited. Void ones, and what they touched, count for nothing. Days are in UTC.",
      content: [
        .table(
          PageTable(
            caption: "Incidents by status and severity",
            columns: [
              .text("Status"), .text("Severity"), .number("Incidents"), .number("Not resolved"),
              .text("Earliest"), .text("Latest"),
            ],
            rows: incidents.map { row in
              [
                MappingReview.code(row.status), MappingReview.code(row.severity),
                .count(row.count), .count(row.unresolved), MappingReview.day(row.first),
                MappingReview.day(row.last),
              ]
            },
            totals: otherIncidents == 0
              ? [] : [[.text("others"), .text(""), .count(otherIncidents), .none, .none, .none]])),
        .table(
          PageTable(
            caption: "Outage windows by service, without those of void incidents",
            columns: [
              .text("Service"), .text("Name"), .number("Incidents"), .number("Hours"),
              .text("Earliest"), .text("Latest"),
            ],
            rows: outages.map { outage in
              MappingReview.scope(outage) + [
                .count(outage.incidents), .duration(Int64(clamping: outage.microseconds)),
                MappingReview.day(outage.first), MappingReview.day(outage.last),
              ]
            })),
        .table(
          PageTable(
            caption: "Whom the outage windows touch",
            columns: [
              .text("Service"), .text("Name"), .number("Windows"), .number("Open"),
              .number("All customers"), .number("Customers named"),
            ],
            rows: outages.map { outage in
              MappingReview.scope(outage) + [
                .count(outage.windows), .count(outage.unended), .count(outage.forAll),
                .count(outage.customers),
              ]
            })),
      ])
  }

  private static func scope(_ outage: Outages) -> [PageCell] {
    switch outage.scope {
    case .service(let id, let name): [.code(id), .text(name ?? "")]
    case .allServices: [.text("all services"), .text("")]
    case .others(let count): [.text("\(count) further services"), .text("")]
    }
  }

  // MARK: Cells

  static func code(_ text: String?) -> PageCell {
    guard let text else { return .text(nothing) }
    return text.isEmpty ? .text("(empty)") : .code(text)
  }

  /// The day in UTC.
  private static func day(_ instant: Instant?) -> PageCell {
    instant.map { .text(String($0.text.prefix { $0 != "T" })) } ?? .none
  }

  /// An exact decimal number, with at least the decimals of its currency.
  static func decimal(_ text: String, _ currency: String?) -> PageCell {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let fraction = parts.count > 1 ? String(parts[1]) : ""
    let padded = fraction + String(repeating: "0", count: max(0, 6 - fraction.count))
    guard parts.count <= 2, fraction.count <= 6, let micros = Int128(parts[0] + padded) else {
      return .text(text)
    }
    let decimals = currency.flatMap { Currency($0) }.map { Int($0.exponent) } ?? 0
    return .decimal(micros, atLeast: decimals)
  }
}
