/// Writes text into a Markdown document.
package enum Markdown {
  /// The text escaped, so that no id or title becomes markup, and without control characters.
  package static func escaped(_ text: String) -> String {
    var shown = String.UnicodeScalarView()
    for scalar in Printable.withoutControls(text).unicodeScalars {
      if "\\`*_{}[]<>#|~&!".unicodeScalars.contains(scalar) { shown.append("\\") }
      shown.append(scalar)
    }
    return String(shown)
  }
}
