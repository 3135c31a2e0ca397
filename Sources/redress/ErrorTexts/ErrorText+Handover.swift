import Handover
import ServiceCredits

extension ErrorText {
  init(_ error: HandoverError) {
    switch error {
    case .badLine(let file, let line, let words):
      self.init(
        "line \(line) of \(file) cannot be used: \(words)",
        "Every line is one JSON object. Nothing was recorded.")
    case .noCreditNotes(let system):
      self.init(
        "there are no credit notes for \(system.words)",
        "Stripe and Lago have them. For all others leave --as out.")
    case .anotherSender:
      self.init(
        "somebody else is handing over from this ledger",
        "Wait until they have ended; nothing is lost.")
    case .badAddress(let fault):
      self.init("--url cannot be used: \(ErrorText.words(fault))", "--url https://api.stripe.com")
    case .badSecret(let system, let fault):
      self.init(
        "the secret for \(system.words) cannot be used: \(ErrorText.words(fault))",
        "It is a key on one line, or headers, one a line, as in Authorization: Basic …")
    case .notAllowed(let status):
      self.init(
        "the other system answers with status \(status), so it does not know the secret or does not allow the call",
        "Check --secret-file or --secret-env. What was sent before is recorded.")
    case .noClient(let text):
      self.init("libcurl cannot be used: \(text)", "Nothing was sent.")
    }
  }

  private static func words(_ fault: HandoverError.BadAddress) -> String {
    switch fault {
    case .noURL: "it is no URL"
    case .notHTTP: "it begins neither with https:// nor with http://"
    case .hasPassword: "it holds a user or a password, which others could read"
    case .plainHTTP:
      "http is taken for this machine alone, because it shows the secret to all in between"
    case .hasQuery: "it has a query or a fragment"
    }
  }

  private static func words(_ fault: HandoverError.BadSecret) -> String {
    switch fault {
    case .empty: "it is empty"
    case .unreadable: "it has characters that no header can have"
    case .headersExpected:
      "Kill Bill needs headers: Authorization, X-Killbill-ApiKey and X-Killbill-ApiSecret"
    case .badHeader(let line): "line \(line) is no header"
    }
  }
}
