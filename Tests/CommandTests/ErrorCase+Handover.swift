extension ErrorCase {
  /// Handing over to another system.
  static let handovers = [
    ErrorCase("handover-no-such-system", "handover", "--system", "strype", "--pending"),
    ErrorCase("handover-nothing-to-do", "handover", "--system", "stripe"),
    ErrorCase(
      "handover-bad-line", "handover", "--system", "stripe", "--record", "FOLDER/answers.jsonl",
      files: ["answers.jsonl": "{\"key\": \"redress-0\", \"status\": \"send\"}\n"]),
    ErrorCase(
      "handover-no-credit-notes", "handover", "--system", "killbill", "--as", "credit-note",
      "--issued-from", "2026-11-01", "--pending"),
    ErrorCase(
      "handover-credit-notes-of-when", "handover", "--system", "stripe", "--as", "credit-note",
      "--pending"),
    ErrorCase(
      "handover-plain-http", "handover", "send", "--system", "stripe", "--url",
      "http://api.stripe.com"),
    ErrorCase(
      "handover-url-with-password", "handover", "send", "--system", "stripe", "--url",
      "https://geheim@api.stripe.com"),
    ErrorCase(
      "handover-secret-missing", "handover", "send", "--system", "stripe", "--url",
      "https://api.stripe.com", "--secret-env", "NO_SUCH_VARIABLE"),
    ErrorCase(
      "handover-secret-of-kill-bill", "handover", "send", "--system", "killbill", "--url",
      "https://killbill.example", "--secret-file", "FOLDER/secret",
      files: ["secret": "geheim\n"]),
  ]
}
