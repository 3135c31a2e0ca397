/// Writes an array of texts as PostgreSQL reads it, for statements that take no parameters.
public enum ArrayLiteral {
  /// `{"a","b \"c\""}`, to be cast to `text[]`.
  public static func text(_ values: [String]) -> String {
    let quoted = values.map { value in
      "\""
        + value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
    return "{\(quoted.joined(separator: ","))}"
  }
}
