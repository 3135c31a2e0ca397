import TestSupport

/// Changes to the source between two nights.
extension ScenarioGenerator {
  mutating func amend(_ source: inout Source) {
    for group in groups {
      for _ in 0..<draw(0...3) { amendOnce(&source, group) }
    }
  }

  private mutating func amendOnce(_ source: inout Source, _ group: Group) {
    switch draw(0...5) {
    case 0, 1: amendIncident(&source, group)
    case 2: amendWindow(&source, group)
    case 3: amendTerm(&source, group)
    case 4: amendInvoice(&source, group)
    default:
      switch draw(0...4) {
      case 0: addIncident("J\(group.name)\(newNumber())", group, &source)
      case 1: addExclusion(group, &source)
      case 2:
        if !source.exclusions.isEmpty {
          source.exclusions.remove(at: draw(0...source.exclusions.count - 1))
        }
      case 3: spoil(&source, group)
      default:
        let own = source.customers.indices.filter {
          group.customers.contains(source.customers[$0].id)
        }
        if !own.isEmpty { source.customers[pick(own)].timeZone = pick(Self.zones) }
      }
    }
  }

  /// The incidents of a group. Their names begin with the group's name after the first letter.
  private func incidents(_ source: Source, _ group: Group) -> [Int] {
    source.incidents.indices.filter { source.incidents[$0].id.dropFirst().hasPrefix(group.name) }
  }

  private mutating func amendIncident(_ source: inout Source, _ group: Group) {
    let own = incidents(source, group)
    guard !own.isEmpty else { return }
    let position = pick(own)
    switch draw(0...7) {
    case 0:
      source.incidents[position].status = "open"
      if happens(50) { source.incidents[position].resolvedAt = nil }
    case 1, 2: source.incidents[position].status = "void"
    case 3: resolve(position, &source)
    case 4, 5:
      for incident in own where source.incidents[incident].status != "resolved" {
        resolve(incident, &source)
      }
    case 6:
      let gone = source.incidents.remove(at: position)
      if happens(60) { source.windows.removeAll { $0.incident == gone.id } }
    default: source.incidents[position].severity = pick(["P0", "P1", "P3"])
    }
  }

  private mutating func resolve(_ position: Int, _ source: inout Source) {
    let started = source.incidents[position].startedAt
    guard started > .min, started < .max else { return }
    source.incidents[position].status = "resolved"
    source.incidents[position].resolvedAt = max(started, asOf - Int64(draw(0...3)) * hour)
    for window in source.windows.indices
    where source.windows[window].incident == source.incidents[position].id
      && source.windows[window].to == nil && source.windows[window].from > .min
    {
      source.windows[window].to = source.windows[window].from + length()
    }
  }

  private mutating func amendWindow(_ source: inout Source, _ group: Group) {
    let own = source.windows.indices.filter {
      let row = source.windows[$0]
      return row.incident.dropFirst().hasPrefix(group.name) && row.from > .min
        && (row.to ?? .max) < .max
    }
    guard !own.isEmpty else { return }
    let position = pick(own)
    let window = source.windows[position]
    switch draw(0...5) {
    case 0, 1: source.windows[position].to = window.from + length()
    case 2:
      let start = window.from + Int64(draw(-10...10)) * 10 * minute
      source.windows[position].from = min(start, window.to ?? start)
    case 3, 4: source.windows[position].severity = pick(["P0", "P1", "P2"])
    default: source.windows.remove(at: position)
    }
  }

  private mutating func amendTerm(_ source: inout Source, _ group: Group) {
    let own = source.terms.indices.filter {
      source.terms[$0].subscription.hasPrefix("sc\(group.name)")
    }
    guard !own.isEmpty else { return }
    let position = pick(own)
    let term = source.terms[position]
    switch draw(0...7) {
    case 0, 1: source.terms[position].fee = fee()
    case 2: source.terms[position].currency = pick(["USD", "EUR", "JPY", "KWD"])
    case 3, 4:
      let customer = pick(group.customers)
      for other in own where source.terms[other].subscription == term.subscription {
        if other == position || happens(80) { source.terms[other].customer = customer }
      }
    case 5:
      guard term.from > .min else { return }
      let next = own.map { source.terms[$0] }
        .filter { $0.subscription == term.subscription && $0.from > term.from }.map(\.from).min()
      let end = min(near(8), next ?? .max)
      if end > term.from { source.terms[position].to = end }
    case 6: source.terms[position].plan = pick(["basic", "gold", "platinum"])
    default: if happens(50) { source.terms.removeAll { $0.subscription == term.subscription } }
    }
  }

  private mutating func amendInvoice(_ source: inout Source, _ group: Group) {
    let own = source.invoices.indices.filter {
      group.customers.contains(source.invoices[$0].customer)
    }
    guard !own.isEmpty, !happens(30) else {
      addInvoice(pick(group.customers), "draft", &source)
      return
    }
    let position = pick(own)
    switch draw(0...4) {
    case 0, 1: source.invoices[position].status = pick(["draft", "finalized", "void"])
    case 2: source.invoices[position].due = due(source.invoices[position].currency)
    case 3: source.invoices.remove(at: position)
    default:
      for invoice in own where source.invoices[invoice].status == "draft" && happens(80) {
        source.invoices[invoice].status = "finalized"
      }
    }
  }

  // MARK: Bad rows

  /// Adds one bad row.
  mutating func spoil(_ source: inout Source, _ group: Group) {
    switch draw(0...6) {
    case 0:
      let own = source.customers.indices.filter {
        group.customers.contains(source.customers[$0].id)
      }
      if !own.isEmpty { source.customers[pick(own)].timeZone = "Mars/Olympus" }
    case 1, 2: spoilTerm(&source, group)
    case 3: spoilIncident(&source, group)
    case 4: spoilWindow(&source, group)
    case 5:
      guard let position = source.exclusions.indices.last else { return }
      switch draw(0...3) {
      case 0: source.exclusions[position].to = source.exclusions[position].from - 1
      case 1: source.exclusions[position].to = .max
      case 2: source.exclusions[position].service = "nothing"
      default: source.exclusions[position].announcedAt = .min
      }
    default:
      guard var invoice = source.invoices.last else { return }
      invoice.number = newNumber()
      invoice.id = "bad\(lastNumber)"
      switch draw(0...2) {
      case 0: invoice.customer = "nobody"
      case 1: invoice.currency = "XXX"
      default: invoice.issueOn = "infinity"
      }
      source.invoices.append(invoice)
    }
  }

  private mutating func spoilTerm(_ source: inout Source, _ group: Group) {
    let own = source.terms.indices.filter {
      source.terms[$0].subscription.hasPrefix("sc\(group.name)")
    }
    guard !own.isEmpty else { return }
    let position = pick(own)
    switch draw(0...7) {
    case 0: source.terms[position].customer = "nobody"
    case 1: source.terms[position].service = "nothing"
    case 2: source.terms[position].currency = pick(["XXX", "usd", "BTC"])
    case 3: source.terms[position].fee = pick(["-1", "-0.000001"])
    case 4: source.terms[position].fee = "0.1234567"
    case 5: source.terms[position].to = .max
    case 6: source.terms[position].from = .min
    default:
      var double = source.terms[position]
      guard double.from > .min else { return }
      double.number = newNumber()
      double.from += pick([-hour, 0, 1, 5 * hour])
      if let to = double.to, to <= double.from { return }
      source.terms.append(double)
    }
  }

  private mutating func spoilIncident(_ source: inout Source, _ group: Group) {
    let own = incidents(source, group)
    guard !own.isEmpty else { return }
    let position = pick(own)
    switch draw(0...5) {
    case 0: source.incidents[position].severity = pick(["P4", "p0", "critical", ""])
    case 1:
      source.incidents[position].status = "resolved"
      source.incidents[position].resolvedAt = nil
    case 2:
      if source.incidents[position].startedAt > .min {
        source.incidents[position].resolvedAt = source.incidents[position].startedAt - 1
      }
    case 3: source.incidents[position].startedAt = .min
    case 4: source.incidents[position].acknowledgedAt = .max
    default: source.incidents[position].status = pick(["closed", "Resolved", "postponed"])
    }
  }

  private mutating func spoilWindow(_ source: inout Source, _ group: Group) {
    let own = source.windows.indices.filter {
      source.windows[$0].incident.dropFirst().hasPrefix(group.name)
    }
    guard !own.isEmpty else { return }
    let position = pick(own)
    switch draw(0...5) {
    case 0: source.windows[position].severity = pick(["P9", "p1", ""])
    case 1:
      if source.windows[position].from > .min {
        source.windows[position].to = source.windows[position].from - 1
      }
    case 2: source.windows[position].to = nil
    case 3: source.windows[position].to = .max
    case 4: source.windows[position].service = "nothing"
    default: source.windows[position].customer = "nobody"
    }
  }
}
