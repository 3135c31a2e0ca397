import Documents
import ServiceCredits

extension LocalCalendar {
  /// - Returns: `nil` where the zone has none.
  init?(evidence zone: EvidenceReader) throws(EvidenceError) {
    guard zone.has("days") else { return nil }
    let days = try zone.list("days") { (day) throws(EvidenceError) in
      Day(interval: try day.interval(), isWorking: day.has("working"))
    }
    let hours = try zone.list("hours") { (hour) throws(EvidenceError) in try hour.interval() }
    self.init(days: days, hours: hours)
  }

  /// Appends the members, with a comma before them.
  func append(to json: inout [UInt8]) {
    json.append(contentsOf: ",\n\"days\":".utf8)
    JSONText.append(array: days, to: &json) { day, json in
      LocalCalendar.append(day.interval, to: &json)
      if day.isWorking { json.append(contentsOf: ",\"working\":\"yes\"".utf8) }
      json.append(UInt8(ascii: "}"))
    }
    json.append(contentsOf: ",\n\"hours\":".utf8)
    JSONText.append(array: hours, to: &json) { hour, json in
      LocalCalendar.append(hour, to: &json)
      json.append(UInt8(ascii: "}"))
    }
  }

  private static func append(_ interval: Interval, to json: inout [UInt8]) {
    json.append(contentsOf: "{\"started_at\":".utf8)
    JSONText.append(string: interval.start.text, to: &json)
    json.append(contentsOf: ",\"ended_at\":".utf8)
    JSONText.append(string: interval.end.text, to: &json)
  }
}
