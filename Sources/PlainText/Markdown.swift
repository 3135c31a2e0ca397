/// Text within a Markdown document.
package enum Markdown {
  /// Escaped, so that no id or title becomes markup, and without control characters.
  package static func escaped(_ text: String) -> String {
    var shown = String.UnicodeScalarView()
    for scalar in Printable.withoutControls(text).unicodeScalars {
      if "\\`*_{}[]<>#|~&!".unicodeScalars.contains(scalar) { shown.append("\\") }
      shown.append(scalar)
    }
    return String(shown)
  }
}
