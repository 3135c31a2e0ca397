import ServiceCredits

/// What today's source would decide differently, and why.
extension ExplanationWords {
  // MARK: Changes

  func today(_ story: IncidentExplanation) -> [String] {
    switch story.today {
    case nil, .same: return []
    case .other(let answer, let changes):
      return [
        "Today's source would decide otherwise: \(now(answer))"
      ] + because(changes) + [
        "The next run that reconciles the month brings the record in line with it."
      ]
    case .held(let answer, let changes):
      return [
        "What is recorded stands as it is for now. \(now(answer))"
      ] + because(changes)
    }
  }

  func now(_ answer: IncidentExplanation.Answer) -> String {
    switch answer {
    case .credited(let money, let month): "\(money.text) for \(month.words)."
    case .notCredited(let reason): because(reason).capitalizedFirst
    }
  }

  func because(_ changes: [ExplanationChange]) -> [String] {
    changes.map { "What changed: \(change($0))." }
  }

  /// The change as a clause: `INC-2041 was extended by 40 minutes, to 5 October 2026, 12:40`.
  package func change(_ change: ExplanationChange) -> String {
    switch change {
    case .treatment(let incident, let from, let to):
      return "\(incident) was \(state(from)) and is now \(state(to))"
    case .incidentGone(let incident): return "\(incident) is no longer in the source"
    case .windowEnd(let incident, let severity, let from, let to):
      let difference = DurationText.words(abs(to.since(from)))
      let verb = to > from ? "extended" : "shortened"
      return "\(incident) was \(verb) by \(difference) (\(severity.code), to \(time(to)))"
    case .windowStart(let incident, let severity, let from, let to):
      let difference = DurationText.words(abs(to.since(from)))
      return "\(incident) now begins \(difference) \(to < from ? "earlier" : "later") "
        + "(\(severity.code), \(time(to)))"
    case .windowSeverity(let incident, let start, let from, let to):
      return "\(incident) from \(time(start)) on is \(to.code) instead of \(from.code)"
    case .windowAdded(let incident, let severity, let interval):
      return "\(incident) has another window, \(severity.code) from \(span(interval))"
    case .windowRemoved(let incident, let severity, let interval):
      return "\(incident) lost the window \(severity.code) from \(span(interval))"
    case .exclusionAdded(let id, let kind, let interval):
      return "\(ExplanationWords.kind(kind)) \(id) from \(span(interval)) was added"
    case .exclusionRemoved(let id, let kind, let interval):
      return "\(ExplanationWords.kind(kind)) \(id) from \(span(interval)) was removed"
    case .exclusionChanged(let id, let kind, let from, let to):
      return "\(ExplanationWords.kind(kind)) \(id) is from \(span(to)) instead of \(span(from))"
    case .exclusionAnnounced(let id, let from, let to):
      return "the announcement of \(id) is \(to.map(time) ?? "none") "
        + "instead of \(from.map(time) ?? "none")"
    case .fee(let from, let to):
      return
        "the fee in force then is \(to.text) instead of \(from.text)"
    case .plan(let from, let to): return "the plan in force then is \(to) instead of \(from)"
    case .policyVersion(let from, let to): return "policy version \(to) decides instead of \(from)"
    case .month(let from, let to):
      return
        "the billing month is \(to.words) instead of \(from.words)"
    case .cap(let from, let to):
      return
        "the cap leaves \(to.words) instead of \(from.words)"
    case .claimAdded(let instant): return "it was claimed on \(time(instant))"
    case .claimWithdrawn(let instant): return "the claim of \(time(instant)) was withdrawn"
    }
  }

  func state(_ treatment: IncidentTreatment) -> String {
    switch treatment {
    case .counted: "resolved"
    case .noOutageScope: "resolved without an outage window"
    case .void: "void"
    case .open: "open"
    case .parked(let code): "parked (\(code))"
    }
  }
}

extension String {
  /// The text with its first letter in upper case.
  fileprivate var capitalizedFirst: String {
    guard let first else { return self }
    return first.uppercased() + dropFirst()
  }
}
