import CreditLedger
import Postgres
import RedressSQL
import ServiceCredits

/// Records what the other side answered.
package struct AnswerRecorder {
  private let outbox: Outbox

  package struct Summary: Sendable {
    package var sent = 0
    package var refused = 0
    package var unknown = 0
    /// Answers that say what is recorded already.
    package var repeated = 0
    package var problems = 0
  }

  package init(_ outbox: Outbox) { self.outbox = outbox }

  /// Records every answer that fits what is known, and reports the others.
  ///
  /// What is recorded already is not recorded again. An answer that contradicts it is not recorded. All answers are
  /// recorded in one transaction.
  package func record(
    _ answers: [RemoteAnswer], report: (HandoverProblem) throws -> Void
  ) throws -> Summary {
    try outbox.requireRights()
    var waiting = Dictionary(grouping: answers, by: \.key)
    var summary = Summary()
    var entries: [HandoverEntry] = []
    func tell(_ problem: HandoverProblem) throws {
      summary.problems += 1
      try report(problem)
    }
    try outbox.readAll { message in
      guard let own = waiting.removeValue(forKey: message.key) else { return }
      var state = Known(message)
      for answer in own {
        switch state.take(answer) {
        case .nothing: summary.repeated += 1
        case .problem(let kind): try tell(HandoverProblem(kind, message))
        case .entry(let entry):
          entries.append(entry)
          switch entry.answer {
          case .sent: summary.sent += 1
          case .refused: summary.refused += 1
          case .unknown, .begun: summary.unknown += 1
          }
        }
      }
    }
    for key in waiting.keys.sorted() {
      try tell(HandoverProblem(kind: .unknownKey, key: key, system: outbox.system, line: nil))
    }
    guard !entries.isEmpty else { return summary }
    let connection = try outbox.interruption.connect(outbox.target)
    try connection.begin(.writing, lockTimeoutSeconds: Snapshot.furtherWaitSeconds)
    for entry in entries { try entry.append(connection) }
    try connection.commit()
    return summary
  }

  /// What is known of a message while its answers are taken.
  private struct Known {
    enum Outcome {
      case nothing
      case problem(HandoverProblem.Kind)
      case entry(HandoverEntry)
    }

    let message: OutboxMessage
    private var entries: Int32
    private var newest: HandoverLine.Answer?
    private var sentId: String?
    private var isSent: Bool

    init(_ message: OutboxMessage) {
      self.message = message
      entries = message.line.noted.entries
      newest = message.line.noted.newest
      sentId = message.line.noted.remoteId
      isSent = message.line.noted.isSent
    }

    mutating func take(_ answer: RemoteAnswer) -> Outcome {
      if let amount = answer.amount, !DecimalText.same(amount, message.said) {
        return .problem(.otherAmount(said: message.said, told: amount))
      }
      guard let status = answer.status else { return .nothing }
      if isSent {
        switch status {
        case .sent:
          guard let id = answer.id, let sentId, id != sentId else { return .nothing }
          return .problem(.otherId(known: sentId, told: id))
        case .refused: return .problem(.refusedAfterSent)
        case .unknown, .begun: return .nothing
        }
      }
      if status == newest { return .nothing }
      entries += 1
      newest = status
      if status == .sent { (isSent, sentId) = (true, answer.id) }
      return .entry(
        HandoverEntry(
          message.line, messageKey: message.key, system: message.system, entry: entries,
          attempt: max(1, message.line.noted.attempts), answer: status, said: message.said,
          remoteId: answer.id, message: answer.message))
    }
  }
}

/// Compares what is recorded as sent with what the other side says it has.
package struct OutboxComparison {
  private let outbox: Outbox

  package struct Summary: Sendable {
    package var agreed = 0
    package var problems = 0
  }

  package init(_ outbox: Outbox) { self.outbox = outbox }

  package func compare(
    _ list: [RemoteAnswer], report: (HandoverProblem) throws -> Void
  ) throws -> Summary {
    var there = Dictionary(grouping: list, by: \.key)
    var summary = Summary()
    func tell(_ problem: HandoverProblem) throws {
      summary.problems += 1
      try report(problem)
    }
    try outbox.readAll { message in
      guard let found = there.removeValue(forKey: message.key) else {
        if message.line.noted.isSent {
          try tell(HandoverProblem(.missingThere(id: message.line.noted.remoteId), message))
        }
        return
      }
      let problems = OutboxComparison.problems(message, found)
      for kind in problems { try tell(HandoverProblem(kind, message)) }
      if problems.isEmpty { summary.agreed += 1 }
    }
    for key in there.keys.sorted() {
      try tell(HandoverProblem(kind: .unknownKey, key: key, system: outbox.system, line: nil))
    }
    return summary
  }

  /// - Parameter found: not empty. The same id twice is one thing that is listed twice.
  private static func problems(
    _ message: OutboxMessage, _ found: [RemoteAnswer]
  ) -> [HandoverProblem.Kind] {
    var problems: [HandoverProblem.Kind] = []
    let ids = Set(found.compactMap(\.id)).sorted()
    let withoutId = found.filter { $0.id == nil }.count
    let count = ids.count + withoutId
    if count > 1 {
      problems.append(
        .doubledThere(ids: ids + Array(repeating: "one without an id", count: withoutId)))
    }
    if let wrong = found.compactMap(\.amount).first(where: { !DecimalText.same($0, message.said) })
    {
      problems.append(.otherAmount(said: message.said, told: wrong))
    }
    if !message.line.noted.isSent {
      problems.append(.notRecorded(id: ids.first))
    } else if count == 1, let id = ids.first, let known = message.line.noted.remoteId, id != known {
      problems.append(.otherId(known: known, told: id))
    }
    return problems
  }
}
