import Testing

@testable import PlainText

/// How many columns of a terminal a text takes.
@Suite struct TextWidthTests {
  @Test(arguments: [
    ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("日本", 4), ("ｆ", 2), ("ﾊ", 1), ("한", 2),
    ("\u{1112}\u{1161}\u{11AB}", 2), ("🚀", 2), ("👩‍👩‍👧", 2), ("❤️", 2), ("\u{200F}", 0),
    ("שלום", 4), ("a日b", 4), ("\u{1F1E9}\u{1F1EA}", 2), ("Müller", 6), ("株式会社", 8),
    ("a\u{200B}b", 2), ("テ", 2),
    // Emoji: of one scalar, of several, with a skin tone, a flag, as text, and a keycap.
    ("✅", 2), ("⭐", 2), ("👩🏽‍🚀", 2), ("🏴‍☠️", 2), ("⌚\u{FE0E}", 1), ("1️⃣", 2), ("©", 1), ("#1", 2),
    ("🇩", 2), ("👍🏿👍", 4),
    // Syllables of several letters: one Character, as wide as its letters.
    ("क्षि", 3), ("กำ", 2), ("ﷺ", 1), ("\u{1112}\u{1161}", 2), ("\u{1161}", 0), ("𠀀", 2), ("〜", 2),
  ])
  func columns(text: String, expected: Int) {
    #expect(TextWidth.columns(of: text) == expected)
  }
}
