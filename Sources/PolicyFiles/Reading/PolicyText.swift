import PlainText

/// Checks the characters of a policy file before it is parsed.
struct PolicyText {
  /// The content without the byte order mark.
  let bytes: [UInt8]
  private(set) var errors = PolicyErrorList()

  static let longestBytes = 1 << 20

  init(_ file: [UInt8]) {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    bytes = file.starts(with: mark) ? Array(file.dropFirst(mark.count)) : file
    guard bytes.count <= PolicyText.longestBytes else {
      errors.report(.file(.fileTooLong(limitBytes: PolicyText.longestBytes)), at: .wholeFile)
      return
    }
    checkCharacters()
  }

  private mutating func checkCharacters() {
    var decoder = UTF8()
    var rest = bytes.makeIterator()
    var line = 1
    var column = 1
    var isIndentation = true
    var tab: TextPlace?
    var reportsTabs = true
    var wasReturn = false
    while true {
      let place = TextPlace(line: line, column: column)
      switch decoder.decode(&rest) {
      case .emptyInput:
        return
      case .error:
        errors.report(.file(.notUTF8), at: place)
        return
      case .scalarValue("\n") where wasReturn:
        wasReturn = false
        continue
      case .scalarValue(let scalar) where scalar == "\n" || scalar == "\r":
        wasReturn = scalar == "\r"
        (line, column, isIndentation, tab) = (line + 1, 1, true, nil)
        continue
      case .scalarValue(let scalar):
        if scalar == "\t" {
          if isIndentation, tab == nil { tab = place }
        } else if Quoted.isInvisible(scalar), scalar != " " {
          errors.report(.file(.forbiddenCharacter(scalar.value)), at: place)
        }
        if isIndentation, scalar != " ", scalar != "\t" {
          isIndentation = false
          // One error is enough: a file that indents with tabs does so in many lines.
          if let tab, scalar != "#", reportsTabs {
            errors.report(.file(.tabIndentation), at: tab)
            reportsTabs = false
          }
        }
      }
      wasReturn = false
      column += 1
    }
  }
}
