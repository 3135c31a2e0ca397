import Digests
import Documents
package import ServiceCredits

/// A message as a file that mail programs open as a draft: headers, a plain text part and an HTML
/// part.
///
/// Every line ends in CR LF and has at most 76 bytes, except for a longer address. No name, subject
/// or text can begin a header or end a part: header texts are encoded words, and the parts are
/// quoted-printable, which cannot contain the boundary.
/// - Source: RFC 5322; RFC 2045 to 2047; RFC 6532 for an address that is not ASCII.
package struct MailMessage: Sendable {
  package var from: MailAddress?
  package var to: MailAddress?
  package var subject: String
  package var date: Instant
  /// In UTF-8.
  package var text: [UInt8]
  /// In UTF-8.
  package var html: [UInt8]
  /// What the message is about. The Message-ID is made from it and the content.
  package var occasion: String

  package init(
    from: MailAddress?, to: MailAddress?, subject: String, date: Instant, text: [UInt8],
    html: [UInt8], occasion: String
  ) {
    self.from = from
    self.to = to
    self.subject = subject
    self.date = date
    self.text = text
    self.html = html
    self.occasion = occasion
  }

  package var bytes: [UInt8] {
    let identity = identity
    // In quoted-printable, an equals sign comes only before two digits or at the end of a line.
    let boundary = "=_redress_\(identity.prefix(24))"
    var out: [UInt8] = []
    out.reserveCapacity(text.count + html.count + 2048)
    if let from { MailHeader.append("From", from, to: &out) }
    if let to { MailHeader.append("To", to, to: &out) }
    MailHeader.append("Subject", text: subject, to: &out)
    out.append(contentsOf: "Date: \(MailHeader.date(date))\r\n".utf8)
    let domain = from.flatMap { $0.isASCII ? $0.domain : nil } ?? "redress.invalid"
    out.append(contentsOf: "Message-ID: <\(identity.prefix(32))@\(domain)>\r\n".utf8)
    out.append(contentsOf: "MIME-Version: 1.0\r\nX-Unsent: 1\r\n".utf8)
    out.append(
      contentsOf: "Content-Type: multipart/alternative;\r\n boundary=\"\(boundary)\"\r\n".utf8)
    for (subtype, content) in [("plain", text), ("html", html)] {
      out.append(contentsOf: "\r\n--\(boundary)\r\nContent-Type: text/\(subtype); ".utf8)
      out.append(contentsOf: "charset=utf-8\r\n".utf8)
      out.append(contentsOf: "Content-Transfer-Encoding: quoted-printable\r\n\r\n".utf8)
      QuotedPrintable.append(content, to: &out)
    }
    out.append(contentsOf: "\r\n--\(boundary)--\r\n".utf8)
    return out
  }

  /// 64 hexadecimal digits. The same message about the same thing gives the same digits.
  private var identity: String {
    var hash = SHA256()
    for part in [
      Array(occasion.utf8), Array((to?.address ?? "").utf8), Array(subject.utf8), text, html,
    ] {
      // The length comes first, so that no two lists of parts give the same bytes.
      withUnsafeBytes(of: UInt64(part.count).bigEndian) { hash.update($0) }
      part.withUnsafeBytes { hash.update($0) }
    }
    return hash.finalize().hex
  }
}

/// Writes the headers of a message.
enum MailHeader {
  /// Appends a header. The text is encoded unless it consists of plain words.
  static func append(_ name: StaticString, text: String, to out: inout [UInt8]) {
    out.append(contentsOf: "\(name):".utf8)
    var column = name.utf8CodeUnitCount + 1
    append(phrase: text, isAtoms: false, column: &column, to: &out)
    out.append(contentsOf: "\r\n".utf8)
  }

  static func append(_ name: StaticString, _ address: MailAddress, to out: inout [UInt8]) {
    out.append(contentsOf: "\(name):".utf8)
    var column = name.utf8CodeUnitCount + 1
    append(phrase: address.name, isAtoms: true, column: &column, to: &out)
    let text = address.name.isEmpty ? address.address : "<\(address.address)>"
    append(word: Array(text.utf8), column: &column, to: &out)
    out.append(contentsOf: "\r\n".utf8)
  }

  /// - Parameter isAtoms: whether the words must be atoms, as the name before an address must.
  private static func append(
    phrase: String, isAtoms: Bool, column: inout Int, to out: inout [UInt8]
  ) {
    let words = phrase.utf8.split(separator: UInt8(ascii: " "))
    let isPlain = words.allSatisfy { word in
      word.count <= 60
        && word.allSatisfy {
          isLetterOrDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "'")
            || (!isAtoms && ",.:;()!&/+".utf8.contains($0))
        }
    }
    // A mail program would not keep two spaces in a row or a space at an end.
    if isPlain, words.joined(separator: [UInt8(ascii: " ")]).elementsEqual(phrase.utf8) {
      for word in words { append(word: Array(word), column: &column, to: &out) }
    } else {
      for word in encodedWords(phrase) { append(word: word, column: &column, to: &out) }
    }
  }

  /// Appends a space and a word, on a new line if the word does not fit.
  private static func append(word: [UInt8], column: inout Int, to out: inout [UInt8]) {
    if column + 1 + word.count > 76 {
      out.append(contentsOf: "\r\n".utf8)
      column = 0
    }
    out.append(UInt8(ascii: " "))
    out.append(contentsOf: word)
    column += 1 + word.count
  }

  /// Splits a text into encoded words: `=?utf-8?B?…?=`. Each holds whole characters and is short
  /// enough to fit beside the header's name.
  /// - Source: RFC 2047, sections 2 and 5.
  private static func encodedWords(_ text: String) -> [[UInt8]] {
    var words: [[UInt8]] = []
    var content: [UInt8] = []
    func end() {
      guard !content.isEmpty else { return }
      words.append(Array("=?utf-8?B?".utf8) + Base64.encoded(content) + Array("?=".utf8))
      content = []
    }
    for scalar in text.unicodeScalars {
      // A program that decodes the word could take a line feed for the start of a header.
      let bytes = Array(String(Character(isControl(scalar) ? " " : scalar)).utf8)
      if content.count + bytes.count > 39 { end() }
      content += bytes
    }
    end()
    return words
  }

  /// Whether the character starts a line or changes the direction of the text.
  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }

  /// `Mon, 02 Nov 2026 04:30:00 +0000`.
  static func date(_ instant: Instant) -> String {
    let text = Array(instant.text.utf8)
    // 2026-11-02T04:30:00Z, possibly with decimals.
    guard text.count >= 20, text[4] == UInt8(ascii: "-"), text[19] != UInt8(ascii: "-") else {
      return "Thu, 01 Jan 1970 00:00:00 +0000"
    }
    func part(_ range: Range<Int>) -> String { String(decoding: text[range], as: UTF8.self) }
    let days = Int(instant.microseconds.flooredDays)
    let week = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    let year = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    let month = year[(Int(part(5..<7)) ?? 1) - 1]
    return "\(week[((days % 7) + 7) % 7]), \(part(8..<10)) \(month) \(part(0..<4)) "
      + "\(part(11..<19)) +0000"
  }
}

extension Int64 {
  fileprivate var flooredDays: Int64 {
    let (days, rest) = quotientAndRemainder(dividingBy: 86_400_000_000)
    return rest < 0 ? days - 1 : days
  }
}

/// Text that mail servers do not change: lines of at most 76 printable bytes.
/// - Source: RFC 2045, section 6.7.
enum QuotedPrintable {
  static func append(_ content: [UInt8], to out: inout [UInt8]) {
    var position = 0
    while position < content.count {
      var end = position
      while end < content.count, content[end] != 0x0A, content[end] != 0x0D { end += 1 }
      append(line: content[position..<end], to: &out)
      guard end < content.count else { return }
      out.append(contentsOf: "\r\n".utf8)
      let isPair = content[end] == 0x0D && end + 1 < content.count && content[end + 1] == 0x0A
      position = end + (isPair ? 2 : 1)
    }
  }

  private static func append(line: ArraySlice<UInt8>, to out: inout [UInt8]) {
    // Mailboxes treat a leading "From " and servers treat a single "." as special.
    let guardsFirst = line.starts(with: "From ".utf8) || line.elementsEqual(".".utf8)
    var column = 0
    var index = line.startIndex
    while index < line.endIndex {
      // A character is not split, so that the lines can be read.
      var next = index + 1
      while next < line.endIndex, next - index < 4, line[next] & 0xC0 == 0x80 { next += 1 }
      var unit: [UInt8] = []
      for place in index..<next {
        let isLast = place == line.index(before: line.endIndex)
        append(
          byte: line[place], isEncoded: (guardsFirst && place == line.startIndex), isLast: isLast,
          to: &unit)
      }
      if column + unit.count > (next == line.endIndex ? 76 : 75) {
        out.append(contentsOf: "=\r\n".utf8)
        column = 0
      }
      out.append(contentsOf: unit)
      column += unit.count
      index = next
    }
  }

  private static func append(
    byte: UInt8, isEncoded: Bool, isLast: Bool, to unit: inout [UInt8]
  ) {
    let isBlank = byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    let isPrintable = (33...126).contains(byte) && byte != UInt8(ascii: "=")
    guard isEncoded || !(isPrintable || (isBlank && !isLast)) else {
      unit.append(byte)
      return
    }
    let digits = Array("0123456789ABCDEF".utf8)
    unit += [UInt8(ascii: "="), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
  }
}
