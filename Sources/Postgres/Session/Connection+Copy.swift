import CLibPQ

extension Connection {
  /// Starts `COPY (…) TO STDOUT (FORMAT binary)`. The session belongs to the reader until it is
  /// finished.
  ///
  /// If the server refuses the statement, the session is closed.
  public consuming func copyOut(
    _ sql: String, name: String? = nil
  ) throws(PostgresError) -> CopyReader {
    precondition(!isShared, "a COPY needs its session alone")
    let statement = name ?? shortName(sql)
    try sendCopy(sql, statement)
    let columns = try copyAnswer(statement, PGRES_COPY_OUT)
    return CopyReader(connection: self, columns: columns, statement: statement)
  }

  /// The same, without waiting for the server, so that several sessions can work at once. A server
  /// that has to sort answers only when it has its first rows.
  ///
  /// If the server refuses the statement, the reader throws.
  consuming func copyOutLater(
    _ sql: String, name: String? = nil
  ) throws(PostgresError) -> CopyReader {
    precondition(!isShared, "a COPY needs its session alone")
    let statement = name ?? shortName(sql)
    try sendCopy(sql, statement)
    return CopyReader(unanswered: self, statement: statement)
  }

  /// Starts `COPY … FROM STDIN (FORMAT binary)`. The session belongs to the writer until it is
  /// finished.
  ///
  /// If the server refuses the statement, the session is closed.
  public consuming func copyIn(
    _ sql: String, name: String? = nil
  ) throws(PostgresError) -> CopyWriter {
    precondition(!isShared, "a COPY needs its session alone")
    let statement = name ?? shortName(sql)
    try sendCopy(sql, statement)
    _ = try copyAnswer(statement, PGRES_COPY_IN)
    return CopyWriter(connection: self, statement: statement)
  }

  private func sendCopy(_ sql: String, _ statement: String) throws(PostgresError) {
    try send(statement) { PQsendQuery(handle, sql) }
    try flush(statement)
  }

  /// Waits until the server has begun the COPY.
  /// - Returns: how many columns it has.
  func copyAnswer(
    _ statement: String, _ expected: ExecStatusType
  ) throws(PostgresError) -> Int {
    guard let result = try nextResult(statement) else {
      throw PostgresError(.protocolViolation, "no result", statement: statement)
    }
    defer { PQclear(result) }
    switch PQresultStatus(result) {
    case expected where PQbinaryTuples(result) == 1:
      return Int(PQnfields(result))
    case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH, PGRES_COMMAND_OK, PGRES_TUPLES_OK,
      PGRES_EMPTY_QUERY:
      markBroken()
      throw PostgresError(
        .protocolViolation,
        expected == PGRES_COPY_OUT
          ? "the statement is no COPY … TO STDOUT (FORMAT binary)"
          : "the statement is no COPY … FROM STDIN (FORMAT binary)", statement: statement)
    default:
      throw drained(error(of: result, statement))
    }
  }
}
