/// RFC 4180, read strictly and byte by byte: what the writer is tested against.
public enum CSVReading {
  /// The fields of every line.
  /// - Returns: `nil` where the text is not what RFC 4180 allows: a quote inside of a plain field, something behind a
  ///   closing quote, a lone CR or LF outside of quotes, an unfinished last line, lines of different lengths.
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
