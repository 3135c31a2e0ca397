public import ServiceCredits

/// The findings file.
public enum FindingText {
  public static let columns = ["code", "relation", "key", "what is wrong", "what to do"]

  public static func appendCSVHeader(to buffer: inout [UInt8]) {
    buffer.append(contentsOf: columns.joined(separator: ",").utf8)
    buffer.append(contentsOf: "\r\n".utf8)
  }

  public static func appendCSV(_ finding: Finding, to buffer: inout [UInt8]) {
    var csv = CSVText()
    csv.append(text: finding.code.rawValue, to: &buffer)
    csv.append(text: finding.relation, to: &buffer)
    csv.append(text: finding.key, to: &buffer)
    csv.append(text: finding.problem, to: &buffer)
    csv.append(text: finding.remedy, to: &buffer)
    csv.endLine(&buffer)
  }
}
