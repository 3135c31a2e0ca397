/// One mail address, with the name to show for it.
package struct MailAddress: Hashable, Sendable {
  /// Empty if there is no name.
  package let name: String
  /// A valid `local@domain`.
  package let address: String

  /// - Returns: `nil` if `address` is not one plain `local@domain`. Lists, comments and quoted
  ///   local parts are refused: an address that can be read in two ways could send a notice to the
  ///   wrong person.
  package init?(name: String, address: String) {
    guard MailAddress.isSound(address) else { return nil }
    self.name = name
    self.address = address
  }

  /// `finance@acme.example` or `Acme Support <support@acme.example>`.
  package init?(parsing text: String) {
    guard let open = text.utf8.lastIndex(of: UInt8(ascii: "<")) else {
      self.init(name: "", address: text)
      return
    }
    guard text.utf8.last == UInt8(ascii: ">") else { return nil }
    var name = text[..<open].trimmed
    if name.utf8.count >= 2, name.utf8.first == UInt8(ascii: "\""),
      name.utf8.last == UInt8(ascii: "\"")
    {
      name = String(name.dropFirst().dropLast())
    }
    guard !name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
      return nil
    }
    let address = text[text.utf8.index(after: open)...].dropLast()
    self.init(name: name, address: String(address))
  }

  /// - Source: RFC 5321, section 4.5.3.1, and RFC 5322, section 3.4.1: a dot-atom at a domain. For
  ///   characters beyond ASCII, RFC 6532.
  private static func isSound(_ address: String) -> Bool {
    let parts = address.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
    guard parts.count == 2, (1...64).contains(parts[0].count), address.utf8.count <= 254,
      String(validating: address.utf8, as: UTF8.self) != nil
    else { return false }
    let scalars = address.unicodeScalars.filter { !$0.isASCII }
    guard scalars.allSatisfy(isLetterOrMark) else { return false }
    func dotted(_ part: Substring.UTF8View, _ isAllowed: (UInt8) -> Bool) -> Bool {
      part.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        .allSatisfy { !$0.isEmpty && $0.allSatisfy { $0 >= 0x80 || isAllowed($0) } }
    }
    let marks = Array("!#$%&'*+-/=?^_`{|}~".utf8)
    return dotted(parts[0]) { isLetterOrDigit($0) || marks.contains($0) }
      && dotted(parts[1]) { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
      && parts[1].split(separator: UInt8(ascii: ".")).allSatisfy {
        $0.first != UInt8(ascii: "-") && $0.last != UInt8(ascii: "-") && $0.count <= 63
      }
  }

  private static func isLetterOrMark(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .lowercaseLetter, .uppercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .nonspacingMark, .spacingMark, .decimalNumber:
      true
    default: false
    }
  }

  var isASCII: Bool { address.utf8.allSatisfy { $0 < 0x80 } }

  /// The part after the `@`.
  var domain: Substring { address.split(separator: "@")[1] }
}

func isLetterOrDigit(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
    UInt8(ascii: "A")...UInt8(ascii: "Z"):
    true
  default: false
  }
}

extension Substring {
  fileprivate var trimmed: String {
    var text = self
    while text.utf8.first == UInt8(ascii: " ") { text.removeFirst() }
    while text.utf8.last == UInt8(ascii: " ") { text.removeLast() }
    return String(text)
  }
}
