import CreditLedger
import Documents
import HTTPClient
import PlainText
import Postgres
import RedressSQL
import ServiceCredits

/// Sends the messages that are pending, one after the other.
///
/// Before a message is sent, an entry says that it is begun, and is committed. After a crash the message is unknown. It is
/// then sent again with the same key where the system knows keys, and looked for first where it does not, or not any more.
package struct MessageSender: ~Copyable {
  private let outbox: Outbox
  private let address: RemoteAddress
  private let secret: RemoteSecret
  private let pace: Pace
  private let again: Bool
  private let looksFirst: Bool
  private var client: HTTPClient
  private var pacer: Pacer
  private var summary = Summary()
  private let report: (HandoverProblem) throws -> Void

  package struct Summary: Sendable {
    package var sent = 0
    /// Of these: what was there already.
    package var found = 0
    package var problems = 0
  }

  /// How long Stripe surely keeps a key: 24 hours, less one for clocks that differ.
  static let keysAreKeptSeconds: Int64 = 23 * 3600
  /// How many messages are read at a time.
  static let batch = 5000

  /// - Parameters:
  ///   - again: whether what was refused is sent again.
  ///   - looksFirst: whether every message is looked for first, because the ledger may have lost what it noted.
  ///   - report: called with what a person should look at.
  /// - Throws: `HandoverError.noClient`.
  package init(
    _ outbox: Outbox, to address: RemoteAddress, secret: RemoteSecret, pace: Pace, again: Bool,
    looksFirst: Bool,
    report: @escaping (HandoverProblem) throws -> Void
  ) throws {
    self.outbox = outbox
    self.address = address
    self.secret = secret
    self.pace = pace
    self.again = again
    self.looksFirst = looksFirst
    self.report = report
    do throws(HTTPFailure) {
      client = try HTTPClient(timeoutMilliseconds: max(1, pace.timeoutMilliseconds))
    } catch {
      throw HandoverError.noClient("\(error)")
    }
    pacer = Pacer(pace, outbox.interruption)
  }

  /// - Throws: `HandoverError.anotherSender` and `.notAllowed`.
  package mutating func sendAll() throws -> Summary {
    try outbox.requireRights()
    // Holds the lock in a transaction that reads nothing.
    let holder = try outbox.interruption.connect(outbox.target)
    try holder.begin(.asking, lockTimeoutSeconds: Snapshot.furtherWaitSeconds)
    var isAlone = false
    try holder.query(RedressSQL.Query.tryHandoverLock.text) { isAlone = try $0.bool(0) }
    guard isAlone else { throw HandoverError.anotherSender }
    let writer = try outbox.interruption.connect(outbox.target)
    var tried: Set<String> = []
    while true {
      let messages = try pending(besides: tried)
      if messages.isEmpty { break }
      for message in messages {
        try outbox.interruption.check()
        tried.insert(message.key)
        try send(message, writer)
      }
    }
    try holder.commit()
    return summary
  }

  /// The next messages that are to be sent.
  private mutating func pending(besides tried: Set<String>) throws -> [OutboxMessage] {
    var messages: [OutboxMessage] = []
    var problems: [HandoverProblem] = []
    try outbox.readAll { message in
      guard message.isPending(again: again), !tried.contains(message.key) else { return }
      guard messages.count < MessageSender.batch else { return }
      if case .untold(let reason) = message.content {
        if tried.isEmpty { problems.append(HandoverProblem(.untold(reason), message)) }
        return
      }
      messages.append(message)
    }
    for problem in problems { try tell(problem) }
    return messages
  }

  private mutating func tell(_ problem: HandoverProblem) throws {
    summary.problems += 1
    try report(problem)
  }

  // MARK: One message

  /// What an attempt came to.
  private enum Outcome {
    case sent(id: String?, isFound: Bool)
    case refused(status: Int, String)
    case unknown(String)
    case otherAmount(id: String, amount: String)
    case notAllowed(status: Int)
  }

  private mutating func send(_ message: OutboxMessage, _ writer: borrowing Connection) throws {
    guard case .request(let request) = message.content else { return }
    let lookup = RemoteLookup(message: message, names: outbox.names)
    var notes = Notes(message)
    var outcome: Outcome?
    if looksFirst && lookup.canLook || message.state == .unknown && mustLook(message) {
      if message.system.hasNoKeys, let age = message.line.noted.secondsSinceNoted {
        try pacer.settle(sinceMilliseconds: Int(clamping: max(0, min(age, 3600)) * 1000))
      }
      outcome = try look(lookup)
    }
    if outcome == nil {
      try notes.begin(writer)
      outcome = try attempt(message, request, lookup)
    }
    try settle(outcome ?? .unknown("nothing came of it"), message, &notes, writer)
  }

  private mutating func settle(
    _ outcome: Outcome, _ message: OutboxMessage, _ notes: inout Notes,
    _ writer: borrowing Connection
  ) throws {
    switch outcome {
    case .sent(let id, let isFound):
      try notes.add(.sent, id: id, writer)
      summary.sent += 1
      if isFound { summary.found += 1 }
    case .refused(let status, let text):
      try notes.add(.refused, text: "\(status) \(text)", writer)
      try tell(HandoverProblem(.refused(status: status, message: text), message))
    case .unknown(let text):
      try notes.add(.unknown, text: text, writer)
      try tell(HandoverProblem(.unknown(message: text), message))
    case .otherAmount(let id, let amount):
      try notes.add(.unknown, text: "there with the id \(id) and \(amount)", writer)
      try tell(HandoverProblem(.otherAmount(said: message.said, told: amount), message))
    case .notAllowed(let status):
      try notes.add(.unknown, text: "status \(status)", writer)
      throw HandoverError.notAllowed(status: status)
    }
  }

  /// Whether sending again with the same key could do it twice.
  private func mustLook(_ message: OutboxMessage) -> Bool {
    switch message.system {
    case .other: return false
    case .lago, .killbill: return true
    case .stripe:
      guard let age = message.line.noted.secondsSinceBegun else { return true }
      return age >= MessageSender.keysAreKeptSeconds
    }
  }

  /// Sends until there is an answer that says what came of it.
  private mutating func attempt(
    _ message: OutboxMessage, _ request: HandoverRequest, _ lookup: RemoteLookup
  ) throws -> Outcome {
    var last = ""
    for tried in 1...(pace.retries + 1) {
      try pacer.takeTurn()
      let answer = exchange(request)
      switch judge(answer, message) {
      case .done(let outcome): return outcome
      case .notTaken(let text, let asked):
        last = text
        if tried > pace.retries { break }
        try pacer.beforeRepetition(tried: tried, asked: asked)
      case .mayBeThere(let text, let asked):
        last = text
        if tried <= pace.retries { try pacer.beforeRepetition(tried: tried, asked: asked) }
        guard message.system.hasNoKeys || isTakenForAnother(answer) else { continue }
        if case .failure = answer { try pacer.settle() }
        if let outcome = try look(lookup) { return outcome }
      }
    }
    return .unknown(last)
  }

  private enum Judgement {
    case done(Outcome)
    /// It is surely not there.
    case notTaken(String, asked: Int?)
    case mayBeThere(String, asked: Int?)
  }

  private func judge(
    _ answer: Result<HTTPResponse, HTTPFailure>, _ message: OutboxMessage
  ) -> Judgement {
    switch answer {
    case .failure(.notSent(let text)): return .notTaken(text, asked: nil)
    case .failure(.noAnswer(let text)): return .mayBeThere(text, asked: nil)
    case .success(let response):
      let asked = response.retryAfterSeconds
      let text = self.text(of: response)
      switch response.status {
      case 200..<300: return judgeTaken(response, message)
      case 401, 403: return .done(.notAllowed(status: response.status))
      case 429: return .notTaken("status 429", asked: asked)
      case 408, 409, 425, 500...:
        return .mayBeThere("status \(response.status) \(text)", asked: asked)
      default:
        return isTakenForAnother(answer)
          ? .mayBeThere("status \(response.status) \(text)", asked: asked)
          : .done(.refused(status: response.status, text))
      }
    }
  }

  /// An answer of success is one only if it is the system's: a proxy or a page of maintenance says 200 as well.
  private func judgeTaken(_ response: HTTPResponse, _ message: OutboxMessage) -> Judgement {
    let id = message.system.id(in: response.body)
    guard let id else {
      return message.system == .other
        ? .done(.sent(id: nil, isFound: false))
        : .mayBeThere("status \(response.status) without an id: \(text(of: response))", asked: nil)
    }
    if message.system == .stripe, let told = try? JSONValue(response.body)["amount"]?.text,
      !DecimalText.same(DecimalText.magnitude(told), DecimalText.magnitude(message.said))
    {
      return .done(.otherAmount(id: id, amount: told))
    }
    return .done(.sent(id: id, isFound: false))
  }

  /// Whether the key is there already, with a request that was not the same.
  private func isTakenForAnother(_ answer: Result<HTTPResponse, HTTPFailure>) -> Bool {
    guard case .success(let response) = answer, response.status == 400,
      let value = try? JSONValue(response.body)
    else { return false }
    return value["error"]?["type"]?.text == "idempotency_error"
  }

  private mutating func exchange(
    _ request: HandoverRequest
  ) -> Result<HTTPResponse, HTTPFailure> {
    do throws(HTTPFailure) {
      return .success(try client.send(secret.request(request, to: address)))
    } catch {
      return .failure(error)
    }
  }

  /// - Returns: `nil` where the message is not there.
  private mutating func look(_ lookup: RemoteLookup) throws -> Outcome? {
    var cursor: String?
    var tried = 0
    while true {
      try pacer.takeTurn()
      let answer = exchange(lookup.request(after: cursor))
      if case .success(let response) = answer, response.status == 401 || response.status == 403 {
        return .notAllowed(status: response.status)
      }
      let step: RemoteLookup.Step
      if case .success(let response) = answer {
        step = lookup.read(response)
      } else {
        step = .unreadable
      }
      switch step {
      case .found(let found):
        if let amount = found.amount, !DecimalText.same(amount, lookup.message.said) {
          return .otherAmount(id: found.id, amount: amount)
        }
        return .sent(id: found.id, isFound: true)
      case .notThere: return nil
      case .next(let next):
        if next == cursor { return .unknown("looking for it does not come to an end") }
        (cursor, tried) = (next, 0)
      case .unreadable:
        tried += 1
        guard tried <= pace.retries else {
          return .unknown("it could not be looked for: \(text(of: answer))")
        }
        try pacer.beforeRepetition(tried: tried, asked: nil)
      }
    }
  }

  // MARK: Texts

  private func text(of answer: Result<HTTPResponse, HTTPFailure>) -> String {
    switch answer {
    case .failure(.notSent(let text)), .failure(.noAnswer(let text)): text
    case .success(let response): "status \(response.status) \(text(of: response))"
    }
  }

  /// What the other system says, on one line, without the secret.
  private func text(of response: HTTPResponse) -> String {
    let text = String(decoding: response.body.prefix(2000), as: UTF8.self)
    return String(Printable.oneLine(secret.removed(from: text)).prefix(300))
  }
}

/// The entries of one message, as they are appended. Each is a transaction of its own.
private struct Notes {
  let message: OutboxMessage
  var entries: Int32
  var attempts: Int32

  init(_ message: OutboxMessage) {
    self.message = message
    entries = message.line.noted.entries
    attempts = message.line.noted.attempts
  }

  /// - Throws: `HandoverError.anotherSender` where somebody else has noted something of it meanwhile.
  mutating func begin(_ writer: borrowing Connection) throws {
    attempts += 1
    try append(.begun, id: nil, nil, writer)
  }

  mutating func add(
    _ answer: HandoverLine.Answer, id: String? = nil, text: String? = nil,
    _ writer: borrowing Connection
  ) throws {
    attempts = max(1, attempts)
    try append(answer, id: id, text, writer)
  }

  private mutating func append(
    _ answer: HandoverLine.Answer, id: String?, _ text: String?, _ writer: borrowing Connection
  ) throws {
    entries += 1
    do {
      try writer.begin(.writing, lockTimeoutSeconds: Snapshot.furtherWaitSeconds)
      try HandoverEntry(
        message.line, messageKey: message.key, system: message.system, entry: entries,
        attempt: attempts, answer: answer, said: message.said, remoteId: id, message: text
      ).append(writer)
      try writer.commit()
    } catch let error as PostgresError where error.sqlState == "23505" {
      throw HandoverError.anotherSender
    }
  }
}

extension OutboxMessage {
  /// Whether it is to be sent.
  /// - Parameter again: whether what was refused is, too.
  package func isPending(again: Bool) -> Bool {
    switch state {
    case .new, .unknown: true
    case .refused: again
    case .sent, .carried: false
    }
  }
}

extension BalanceSystem {
  /// Whether a request that is sent twice is done twice.
  var hasNoKeys: Bool { self == .lago || self == .killbill }

  /// The id of what was made, in an answer; `nil` where none is told.
  func id(in body: [UInt8]) -> String? {
    guard let value = try? JSONValue(body) else { return nil }
    switch self {
    case .stripe, .other: return value["id"]?.text
    case .lago:
      return value["wallet_transactions"]?.array?.first?["lago_id"]?.text
        ?? value["credit_note"]?["lago_id"]?.text
    case .killbill: return value.array?.first?["invoiceItemId"]?.text
    }
  }
}
