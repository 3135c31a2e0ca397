public import ServiceCredits

/// Writes the text format of Prometheus, for the textfile collector of the node exporter.
public enum PrometheusText {
  /// A value as exact text.
  public struct Number {
    public let bytes: [UInt8]

    public init(_ value: Int64, decimals: Int = 0) {
      var bytes: [UInt8] = []
      appendDecimal(value, decimals: decimals, atLeast: decimals, to: &bytes)
      self.bytes = bytes
    }

    /// The total in major units.
    public init(_ total: MoneyTotal) {
      bytes = Array(total.decimalText.utf8)
    }

    /// Seconds, rounded to microseconds.
    public init(microseconds seconds: Double) {
      self.init(Int64((seconds * 1e6).rounded()), decimals: 6)
    }
  }

  /// Appends one metric with its samples. Appends nothing if there are no samples.
  public static func gauge(
    _ name: String, _ help: String, to text: inout [UInt8],
    _ samples: ((Number, (name: String, value: String)...) -> Void) -> Void
  ) {
    var body: [UInt8] = []
    samples { number, labels in
      body.append(contentsOf: name.utf8)
      if !labels.isEmpty {
        for (index, label) in labels.enumerated() {
          body.append(UInt8(ascii: index == 0 ? "{" : ","))
          body.append(contentsOf: "\(label.name)=\"".utf8)
          PrometheusText.append(escaped: label.value, isLabel: true, to: &body)
          body.append(UInt8(ascii: "\""))
        }
        body.append(UInt8(ascii: "}"))
      }
      body.append(UInt8(ascii: " "))
      body.append(contentsOf: number.bytes)
      body.append(UInt8(ascii: "\n"))
    }
    guard !body.isEmpty else { return }
    text.append(contentsOf: "# HELP \(name) ".utf8)
    PrometheusText.append(escaped: help, isLabel: false, to: &text)
    text.append(contentsOf: "\n# TYPE \(name) gauge\n".utf8)
    text.append(contentsOf: body)
  }

  /// Escapes what the format requires: backslash and newline, and in labels also the double quote.
  public static func append(escaped value: String, isLabel: Bool, to text: inout [UInt8]) {
    for byte in value.utf8 {
      switch byte {
      case UInt8(ascii: "\\"): text.append(contentsOf: "\\\\".utf8)
      case UInt8(ascii: "\n"): text.append(contentsOf: "\\n".utf8)
      case UInt8(ascii: "\"") where isLabel: text.append(contentsOf: "\\\"".utf8)
      default: text.append(byte)
      }
    }
  }
}
