import Digests
import Documents
import PlainText

extension MappingReview {
  /// The review for a terminal or a text file, at most 80 columns wide but for single words that are longer.
  package var text: String { content + PlainSections([signature]).text }

  /// SHA-256 of the lines of the text before the heading of the signature, in hexadecimal:
  /// `sed '/^Signature$/,$d' FILE | sha256sum`. The page has the same one.
  var digest: String { SHA256.hash(Array((content + PlainSections.gap).utf8)).hex }

  private var content: String {
    var lines = [title, String(repeating: "=", count: title.count), ""]
    let width = facts.map(\.label.count).max() ?? 0
    for (label, value) in facts {
      lines.append(
        label + String(repeating: " ", count: width - label.count + 2) + Printable.oneLine(value))
    }
    return lines.joined(separator: "\n") + "\n" + PlainSections(sections).text
  }
}
