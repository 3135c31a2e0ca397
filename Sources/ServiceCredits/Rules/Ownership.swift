/// Gives every instant to one of the incidents that cover it.
///
/// The worst severity has it, then the earlier start, then the smaller id. An incident that does not count claims
/// nothing.
/// - Source: credit rules, section 3, step 5; policy language, section 9.
struct Ownership {
  /// What each incident owns, in the order of `incidents`; nothing of one that does not count.
  let owned: [CountedStretches]
  /// What a measure of a period counts of each incident. Where every incident counts its own time it is all of that, at any
  /// severity: an instant is the period's once, at its worst severity.
  let ofPeriod: [CountedStretches]

  /// - Parameters:
  ///   - incidents: in byte order of their ids.
  ///   - severities: what the rule takes of their time.
  ///   - countsEach: whether every incident keeps all of its own time.
  init(
    _ incidents: [MeasuredIncident], _ severities: SeverityRange, _ count: CountRule,
    countsEach: Bool
  ) {
    let own = incidents.map { incident in
      Ownership.admitted(incident, severities, count)
    }
    guard !countsEach, own.count(where: { !$0.isEmpty }) > 1 else {
      owned = own.map { $0.filtered(severities) }
      ofPeriod = countsEach ? own : owned
      return
    }
    let owned = own.indices.map { position in
      var rest = own[position].stretches
      for other in own.indices where other != position {
        rest = Ownership.left(
          of: rest, after: own[other].stretches,
          isFirst: (incidents[other].startedAt, other) < (incidents[position].startedAt, position))
      }
      return CountedStretches(stretches: rest).filtered(severities)
    }
    self.owned = owned
    ofPeriod = owned
  }

  /// Gives each instant that several incidents count to one of them: at its worst severity and with its largest share.
  /// - Parameter ranks: of the incidents, by which those of one severity come first.
  static func once(
    _ parts: [CountedStretches], ranks: [(startedAt: Instant, position: Int)]
  ) -> [CountedStretches] {
    let edges = Set(parts.flatMap(\.stretches).flatMap { [$0.interval.start, $0.interval.end] })
      .sorted()
    var taken = [[Stretch]](repeating: [], count: parts.count)
    for (start, end) in zip(edges, edges.dropFirst()) {
      var found: (owner: Int, severity: Severity, stretch: Stretch)?
      for owner in parts.indices {
        for stretch in parts[owner].stretches where stretch.interval.contains(start) {
          let part = stretch.with(Interval(start, end))
          guard let known = found else {
            found = (owner, part.severity, part)
            continue
          }
          let joined = known.stretch.joined(part)
          let isFirst =
            (part.severity.rawValue, ranks[owner].startedAt, ranks[owner].position)
            < (known.severity.rawValue, ranks[known.owner].startedAt, ranks[known.owner].position)
          found =
            isFirst
            ? (owner, part.severity, joined) : (known.owner, known.severity, joined)
        }
      }
      if let found { taken[found.owner].append(found.stretch) }
    }
    return taken.map { CountedStretches(stretches: $0) }
  }

  /// The incident's time from its claim on, where that is asked for; nothing if it does not count.
  private static func admitted(
    _ incident: MeasuredIncident, _ severities: SeverityRange, _ count: CountRule
  ) -> CountedStretches {
    var stretches = incident.stretches
    if count.isFromClaim {
      guard let claimedAt = incident.claimedAt else { return CountedStretches(stretches: []) }
      stretches =
        CountedStretches(stretches: stretches)
        .clipped(to: Interval(claimedAt, max(claimedAt, .distantFuture))).stretches
    }
    let own = CountedStretches(stretches: stretches.filter { severities.contains($0.severity) })
    guard count.admits(own.elapsed) else { return CountedStretches(stretches: []) }
    return CountedStretches(stretches: stretches)
  }

  /// What is left of `mine` once another incident has taken what is its own.
  /// - Parameter isFirst: whether the other comes first at the same severity.
  private static func left(
    of mine: [Stretch], after others: [Stretch], isFirst: Bool
  ) -> [Stretch] {
    var left: [Stretch] = []
    for stretch in mine {
      let stronger = IntervalSet(
        others.filter { other in
          other.severity < stretch.severity || (isFirst && other.severity == stretch.severity)
        }.map(\.interval))
      stronger.forEachGap(in: stretch.interval) {
        left.append(stretch.with($0))
      }
    }
    return left
  }

  /// The time of all incidents together, each instant once: at its worst severity and with its largest share.
  static func union(_ parts: some Sequence<CountedStretches>) -> CountedStretches {
    let all = parts.flatMap(\.stretches)
    guard all.count > 1 else { return CountedStretches(stretches: all) }
    let edges = Set(all.flatMap { [$0.interval.start, $0.interval.end] }).sorted()
    var union: [Stretch] = []
    for (start, end) in zip(edges, edges.dropFirst()) {
      var found: Stretch?
      for stretch in all where stretch.interval.contains(start) {
        let part = stretch.with(Interval(start, end))
        found = found?.joined(part) ?? part
      }
      if let found { union.append(found) }
    }
    return CountedStretches(stretches: union)
  }
}
