/// The totals file of a run without what is another at each run: when it was made, by whom, and the digest of that.
public func comparableTotals(_ totals: String) -> String {
  let own = ["  \"started_at\": ", "  \"finished_at\": ", "  \"run_by\": ", "    \"record\": "]
  return totals.split(separator: "\n", omittingEmptySubsequences: false)
    .filter { line in !own.contains { line.hasPrefix($0) } }
    .joined(separator: "\n")
}
