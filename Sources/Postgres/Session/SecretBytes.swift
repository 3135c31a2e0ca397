/// Takes a secret out of a text that is going to be shown.
public enum SecretBytes {
  /// `text` with `***` in every place where `secret` stands.
  /// - Parameter secret: not empty.
  public static func masked(_ secret: [UInt8], in text: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var index = 0
    while index < text.count {
      if text[index...].starts(with: secret) {
        result += "***".utf8
        index += secret.count
      } else {
        result.append(text[index])
        index += 1
      }
    }
    return result
  }
}
