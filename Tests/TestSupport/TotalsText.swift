/// The totals file of a run without the values that differ in each run: times, user and the digest
/// of the record.
public func comparableTotals(_ totals: String) -> String {
  let own = ["  \"started_at\": ", "  \"finished_at\": ", "  \"run_by\": ", "    \"record\": "]
  return totals.split(separator: "\n", omittingEmptySubsequences: false)
    .filter { line in !own.contains { line.hasPrefix($0) } }
    .joined(separator: "\n")
}
