package import ServiceCredits

/// Why nothing was handed over.
package enum HandoverError: Error, Hashable, Sendable {
  /// A line of a file that was given, counted from 1.
  case badLine(file: String, line: Int, String)
  /// The system takes no credit notes.
  case noCreditNotes(BalanceSystem)
  /// Somebody else is sending.
  case anotherSender
  /// The address cannot be used. It is not repeated, because it may hold a password.
  case badAddress(BadAddress)
  /// The secret is not in the form that the system needs.
  case badSecret(BalanceSystem, BadSecret)
  /// The other system does not know the secret, or does not allow what was asked.
  case notAllowed(status: Int)
  /// libcurl could not begin.
  case noClient(String)

  package enum BadAddress: Hashable, Sendable {
    case noURL, notHTTP, hasPassword, plainHTTP, hasQuery
  }

  package enum BadSecret: Hashable, Sendable {
    case empty, unreadable, headersExpected
    case badHeader(line: Int)
  }
}

/// Something about a message that a person should look at.
package struct HandoverProblem: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    case untold(UntoldReason)
    // Answers
    /// No message of the ledger has the key.
    case unknownKey
    /// The message is known as sent, with another id.
    case otherId(known: String, told: String)
    /// The message is known as sent, and the answer says that it is refused.
    case refusedAfterSent
    case otherAmount(said: String, told: String)
    // Comparing
    case missingThere(id: String?)
    case doubledThere(ids: [String])
    case notRecorded(id: String?)
    // Sending
    case refused(status: Int, message: String)
    /// Neither that it arrived nor that it did not is known.
    case unknown(message: String)
  }

  package let kind: Kind
  /// The message's.
  package let key: String
  package let system: BalanceSystem
  /// Whom and what it is for; `nil` of a key that no message has.
  package let line: String?
}
