import CreditRun
import Documents
import LedgerReports
import MappingReviews
import OutputFiles

extension CheckCommand {
  /// Writes the review of the mapping; where the database or the policy stands in the way, what is wrong instead.
  func writeMapping(_ check: ReadinessCheck) throws {
    var check = check
    let place = try output.map { try AtomicFile.prepare(path: $0) }
    let reviewed = ReviewedMapping()
    check.inspect = { reviewed.review = try MappingReview($0, $1, $2) }
    var problems = ""
    let result = try check.run { event in
      if case .finding(let finding) = event { reviewed.review?.add(finding) }
      for line in CheckText.lines(event) where [.problem, .skipped].contains(line.status) {
        if case .finding = event { continue }
        problems += line.text
      }
    }
    guard let night = result.night, var review = reviewed.review else {
      try StandardOutput.write(problems)
      return try CheckCommand.exit(result, asksForReview: false)
    }
    review.night = night
    try write(review, place)
    try CheckCommand.exit(result, asksForReview: review.asksForReview)
  }

  /// - Parameter place: folder and name of the file; `nil` for standard output.
  private func write(_ review: MappingReview, _ place: (folder: String, name: String)?) throws {
    var bytes: [UInt8] = []
    switch format {
    case .text, .jsonl: bytes = Array(review.text.utf8)
    case .html: try review.page.append(to: &bytes)
    }
    guard let place else {
      return try StandardOutput.write(String(decoding: bytes, as: UTF8.self))
    }
    var file = try AtomicFile(folder: place.folder, name: place.name)
    try file.append { $0 += bytes }
    try StandardOutput.write(try file.publishAlone() + "\n")
  }
}

/// The review of the newest attempt at a check.
private final class ReviewedMapping {
  var review: MappingReview?
}
