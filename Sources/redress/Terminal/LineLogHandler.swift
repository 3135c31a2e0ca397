import CreditRun
import Documents
import Logging
import PlainText
import ServiceCredits

/// The format of a run's log.
enum LogFormat: String, CaseIterable {
  /// One line for each event, for people and for journald, which adds the time.
  case text
  /// One JSON object on each line, with its time and all its fields.
  case json
}

/// Writes each event as one line on standard error. Texts are escaped, so none of them can begin a
/// line or a field.
struct LineLogHandler: LogHandler {
  let format: LogFormat
  /// Writes a line without disturbing other output on the same terminal.
  let write: @Sendable (String) -> Void
  var clock: @Sendable () -> Instant = { .now }
  var logLevel: Logger.Level
  var metadata: Logger.Metadata = [:]

  subscript(metadataKey key: String) -> Logger.MetadataValue? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let message = Secrets.known.removed(from: event.message.description)
    switch format {
    case .text:
      let prefix =
        switch event.level {
        case .error, .critical: "redress: "
        case .warning: "redress: warning: "
        default: ""
        }
      write(prefix + Printable.oneLine(message) + "\n")
    case .json:
      var line = "{\"time\":\"\(clock().text)\",\"level\":\"\(event.level)\",\"message\":"
      JSONLine.append(message, to: &line)
      let fields = metadata.merging(event.metadata ?? [:]) { $1 }
      for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
        line += ","
        JSONLine.append(key, to: &line)
        line += ":"
        JSONLine.append(value, to: &line)
      }
      write(line + "}\n")
    }
  }
}

/// Writes JSON on one line, without control characters for a terminal.
enum JSONLine {
  static func append(_ text: String, to line: inout String) {
    line += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": line += "\\\""
      case "\\": line += "\\\\"
      case "\n": line += "\\n"
      case "\r": line += "\\r"
      case "\t": line += "\\t"
      case _ where Printable.isControl(scalar):
        let digits = String(scalar.value, radix: 16)
        line += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: line.unicodeScalars.append(scalar)
      }
    }
    line += "\""
  }

  static func append(_ value: Logger.MetadataValue, to line: inout String) {
    switch value {
    case .string(let text):
      append(Secrets.known.removed(from: text), to: &line)
    case .stringConvertible(let value):
      switch value {
      case is Int, is Int64, is Int128, is Bool: line += value.description
      case let value as Double where value.isFinite: line += value.description
      default: append(Secrets.known.removed(from: value.description), to: &line)
      }
    case .array(let values):
      line += "["
      for (index, value) in values.enumerated() {
        if index > 0 { line += "," }
        append(value, to: &line)
      }
      line += "]"
    case .dictionary(let values):
      line += "{"
      for (index, field) in values.sorted(by: { $0.key < $1.key }).enumerated() {
        if index > 0 { line += "," }
        append(field.key, to: &line)
        line += ":"
        append(field.value, to: &line)
      }
      line += "}"
    }
  }
}
