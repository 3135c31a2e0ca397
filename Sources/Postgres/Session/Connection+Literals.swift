import CLibPQ

extension Connection {
  /// A statement with values in place of `$1`, `$2` and so on, for what takes no parameters: COPY and DECLARE.
  ///
  /// Each is quoted by libpq, as the session's encoding and settings ask for. A value is never looked through for
  /// further places.
  /// - Parameter values: at least as many as the statement has places for.
  package func filled(_ sql: String, _ values: [String]) throws(PostgresError) -> String {
    guard !values.isEmpty else { return sql }
    var literals: [String] = []
    for value in values { literals.append(try literal(value)) }
    var text = ""
    var rest = Substring(sql)
    while let place = rest.firstIndex(of: "$") {
      let digits = rest[place...].dropFirst().prefix { ("0"..."9").contains($0) }
      text += rest[..<place]
      if let number = Int(digits) {
        precondition(literals.indices.contains(number - 1), "each place has a value")
        text += literals[number - 1]
      } else {
        text += "$"
      }
      rest = rest[place...].dropFirst().dropFirst(digits.count)
    }
    return text + rest
  }

  private func literal(_ value: String) throws(PostgresError) -> String {
    var value = value
    let quoted = value.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) {
        // An empty string may have no address, and libpq wants one.
        $0.baseAddress.map { PQescapeLiteral(handle, $0, bytes.count) }
          ?? PQescapeLiteral(handle, "", 0)
      }
    }
    guard let quoted else { throw connectionError(nil) }
    defer { PQfreemem(quoted) }
    return String(cString: quoted)
  }
}
