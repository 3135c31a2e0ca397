import TestSupport

/// A fault that can happen between the program and its server at any message.
enum Fault: String, CaseIterable, Sendable {
  case kill, terminateBackend, restartServer, closeConnection, stall, partition

  var title: String {
    switch self {
    case .kill: "The program is killed (SIGKILL)"
    case .terminateBackend: "The server ends the session (`pg_terminate_backend`)"
    case .restartServer: "The server is stopped in immediate mode and started again"
    case .closeConnection: "The connection is closed on the way"
    case .stall: "The connection falls silent (`--io-timeout` ends the wait)"
    case .partition: "The same, and the server does not learn that the program gave up"
    }
  }
}

/// How far a run had come when the fault happened.
enum Phase: Int, CaseIterable, Sendable {
  case connecting, readingAndWriting, closingReader, sendingCommit, awaitingAnswer, answered

  var title: String {
    switch self {
    case .connecting: "A connection is being made"
    case .readingAndWriting: "Anywhere else before COMMIT"
    case .closingReader: "A reading connection says good-bye"
    case .sendingCommit: "Before COMMIT reaches the server"
    case .awaitingAnswer: "COMMIT has reached the server, its answer is lost"
    case .answered: "The answer has reached the program"
    }
  }

  /// The phase of a run with `messages` if the fault happens just before or after `message`.
  init(
    of message: ProtocolProxy.Message, _ moment: ProtocolProxy.Moment,
    in messages: [ProtocolProxy.Message]
  ) {
    func position(_ kind: Character, _ text: String = "") -> Int {
      messages.first {
        $0.connection == message.connection && $0.sender == message.sender && $0.kind == kind
          && (text.isEmpty || $0.text == text)
      }?.ordinal ?? .max
    }
    // The first connection is the writing one.
    if message.connection == 0 {
      let commit = position(message.sender == .program ? "Q" : "C", "COMMIT")
      if message.ordinal > commit {
        self = .answered
        return
      }
      if message.ordinal == commit {
        self =
          switch (message.sender, moment) {
          case (.program, .before): .sendingCommit
          case (.program, .after), (.server, .before): .awaitingAnswer
          case (.server, .after): .answered
          }
        return
      }
    } else if message.kind == "X" {
      self = .closingReader
      return
    }
    let isGreeting =
      message.sender == .program ? message.ordinal == 0 : message.ordinal <= position("Z")
    self = isGreeting ? .connecting : .readingAndWriting
  }
}

/// How a run with a fault ended.
enum Outcome: String, CaseIterable, Comparable, Sendable {
  /// Nothing in the ledger and no file. The exit code says so, if there is one.
  case nothing
  /// Everything in the ledger, and all files. The exit code says so.
  case everything
  /// Everything in the ledger. The program was killed before it could say so, perhaps before all
  /// files were there.
  case everythingUnsaid

  static func < (first: Outcome, second: Outcome) -> Bool {
    allCases.firstIndex(of: first)! < allCases.firstIndex(of: second)!
  }
}

/// The allowed outcomes of each fault in each phase. The tests check them, and the page lists them.
enum FaultMatrix {
  /// - Returns: the empty set if the fault is not tried.
  static func allowed(_ fault: Fault, _ phase: Phase) -> Set<Outcome> {
    switch (fault, phase) {
    // The program only sees silence. What it asks after COMMIT makes the difference.
    case (.partition, .sendingCommit): [.nothing]
    case (.partition, .awaitingAnswer): [.everything]
    case (.partition, _): []
    case (.kill, .awaitingAnswer), (.kill, .answered): [.everythingUnsaid]
    // The last reading connection is closed after COMMIT, the others before. After that the program
    // may have ended before it is killed.
    case (.kill, .closingReader): [.nothing, .everything, .everythingUnsaid]
    case (.restartServer, .closingReader): [.nothing, .everything]
    case (.kill, _), (.restartServer, .connecting), (.restartServer, .readingAndWriting): [.nothing]
    // A reading connection may have no more messages.
    case (_, .readingAndWriting): [.nothing, .everything]
    case (_, .connecting), (_, .sendingCommit): [.nothing]
    // A server that is stopped at this moment may have committed or not.
    case (.restartServer, .awaitingAnswer), (.terminateBackend, .awaitingAnswer):
      [.nothing, .everything]
    case (_, .awaitingAnswer), (_, .closingReader), (_, .answered): [.everything]
    }
  }
}
