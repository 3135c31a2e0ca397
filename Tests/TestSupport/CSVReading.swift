/// Reads RFC 4180 strictly, byte by byte. The writer is tested against it.
public enum CSVReading {
  /// The fields of every line.
  /// - Returns: `nil` if the text violates RFC 4180: a quote inside an unquoted field, text after a
  ///   closing quote, a lone CR or LF outside quotes, an unfinished last line, lines of different
  ///   lengths.
  public static func rows(_ text: [UInt8]) -> [[[UInt8]]]? {
    let (quote, comma, cr, lf) = (
      UInt8(ascii: "\""), UInt8(ascii: ","), UInt8(ascii: "\r"), UInt8(ascii: "\n")
    )
    var rows: [[[UInt8]]] = []
    var row: [[UInt8]] = []
    var position = 0
    while position < text.count {
      var field: [UInt8] = []
      if text[position] == quote {
        position += 1
        while true {
          guard position < text.count else { return nil }
          if text[position] != quote {
            field.append(text[position])
            position += 1
          } else if position + 1 < text.count, text[position + 1] == quote {
            field.append(quote)
            position += 2
          } else {
            position += 1
            break
          }
        }
      } else {
        while position < text.count, ![quote, comma, cr, lf].contains(text[position]) {
          field.append(text[position])
          position += 1
        }
      }
      row.append(field)
      guard position < text.count else { return nil }
      if text[position] == comma {
        position += 1
        continue
      }
      guard text[position] == cr, position + 1 < text.count, text[position + 1] == lf else {
        return nil
      }
      position += 2
      rows.append(row)
      row = []
    }
    guard row.isEmpty, Set(rows.map(\.count)).count <= 1 else { return nil }
    return rows
  }
}
