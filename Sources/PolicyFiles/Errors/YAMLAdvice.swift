/// What to do about an error of the YAML parser, found by the parser's message.
enum YAMLAdvice {
  static func text(for fault: String) -> String {
    for (words, advice) in table where fault.contains(words) {
      return advice
    }
    return "Check the indentation, the brackets and the quotes here and in the line above."
  }

  /// `!!str` for `tag:yaml.org,2002:str`.
  static func shortTag(_ tag: String) -> String {
    let standard = "tag:yaml.org,2002:"
    return tag.hasPrefix(standard) ? "!!" + tag.dropFirst(standard.count) : tag
  }

  private static let table = [
    (
      "mapping values are not allowed",
      "Check the indentation; a text that holds a colon and a space needs quotes."
    ),
    (
      "could not find expected ':'",
      "Write every key with a colon and a space after it, and every entry of a list after a dash."
    ),
    (
      "cannot start any token",
      "A text that begins with %, @ or ` needs quotes; a percentage is written as in 10%."
    ),
    ("unexpected end of stream", "Close the quote or the bracket that was opened here."),
    ("',' or '}'", "Put a comma between the entries, and close the brace."),
    ("',' or ']'", "Put a comma between the entries, and close the bracket."),
    (
      "escape character",
      "Between double quotes a backslash begins an escape: write two, or use single quotes."
    ),
    (
      "document start",
      "The content ended above: check the indentation of this line and the closing brackets."
    ),
    (
      "did not find expected key",
      "Begin this line in the same column as the keys beside it."
    ),
    (
      "did not find expected '-' indicator",
      "Begin this line in the same column as the dashes beside it, or further right."
    ),
  ]
}
