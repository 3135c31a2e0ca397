import Digests
import FoundationEssentials
import Testing

/// `--csv-bom`: CSVs that Excel takes for UTF-8.
struct ByteOrderMarkTests {
  private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
  private static let files = [
    "credits": "credits-run-1.csv", "invoice_lines": "invoice-lines-run-1.csv",
    "findings": "findings-run-1.csv",
  ]

  private struct Totals: Decodable {
    let sha256: [String: String]
  }

  /// The digests are those of the files with the mark, and whoever makes the files again makes the
  /// same bytes.
  @Test(arguments: [1, 2])
  func theFilesOfARunBeginWithIt(jobs: Int) async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let database = try await SourceDatabase()
        try await database.load(Checkout.fixtures.appending(path: "demo-month"))
        let (first, again) = (folder.appending(path: "first"), folder.appending(path: "again"))
        for path in [first, again] {
          try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
        }
        let night = try await database.redress(
          ["run", "--quiet", "--csv-bom", "--jobs", "\(jobs)", "--as-of", "2026-11-02T04:30:00Z"]
            + ["--output", first.path()])
        #expect(night.exitCode == 3, "\(night.errors)")
        let report = try await database.redress(
          ["report", "--run", "1", "--output", again.path()])
        #expect(report.exitCode == 0, "\(report.errors)")
        let totals = try JSONDecoder().decode(
          Totals.self, from: Data(contentsOf: first.appending(path: "totals-run-1.json")))
        for (name, file) in ByteOrderMarkTests.files {
          let bytes = [UInt8](try Data(contentsOf: first.appending(path: file)))
          #expect(bytes.starts(with: ByteOrderMarkTests.mark), "\(file)")
          #expect(!bytes.dropFirst(3).starts(with: ByteOrderMarkTests.mark), "\(file)")
          #expect(SHA256.hash(bytes).hex == totals.sha256[name], "\(file)")
          #expect(try Data(contentsOf: again.appending(path: file)) == Data(bytes), "\(file)")
        }
        let credits = try await database.redress(["report", "--run", "1"])
        #expect(credits.output.utf8.starts(with: ByteOrderMarkTests.mark))
        let page = try await database.redress(["report", "--run", "1", "--format", "html"])
        for digest in ["credits", "invoice_lines", "findings"] {
          #expect(page.output.contains(totals.sha256[digest] ?? "-"), "\(digest)")
        }
        let verified = try await database.redress(["verify", "--output", first.path()])
        #expect(verified.exitCode == 0, "\(verified.output)")
      }
    }
  }

  @Test func aMonthHasItWhereItIsAskedFor() async throws {
    try await ReportTests.withHistory { database, folder in
      let month = ["report", "--month", "2026-10"]
      let plain = try await database.redress(month)
      let marked = try await database.redress(month + ["--csv-bom"])
      #expect(Array(marked.output.utf8) == ByteOrderMarkTests.mark + plain.output.utf8)
      let file = try await database.redress(month + ["--csv-bom", "--output", folder.path()])
      #expect(file.exitCode == 0, "\(file.errors)")
      let bytes = try Data(contentsOf: folder.appending(path: "credits-2026-10.csv"))
      #expect([UInt8](bytes) == Array(marked.output.utf8))
      for books in [
        ["report", "--posted", "2026-11"], ["report", "--open"], month + ["--run", "1"],
        ["journal", "--run", "1"],
      ] {
        let plain = try await database.redress(books)
        #expect(plain.exitCode == 0, "\(books): \(plain.errors)")
        let marked = try await database.redress(books + ["--csv-bom"])
        #expect(
          Array(marked.output.utf8) == ByteOrderMarkTests.mark + plain.output.utf8,
          "\(books): \(marked.errors)")
      }
      let ledger = try await database.redress([
        "journal", "--run", "1", "--csv-bom", "--format", "hledger",
      ])
      #expect(ledger.exitCode == 64 && ledger.errors.contains("--csv-bom"))
      for refused in [
        ["--month", "2026-10", "--format", "jsonl"], ["--run", "1", "--output", folder.path()],
      ] {
        let finished = try await database.redress(["report", "--csv-bom"] + refused)
        #expect(finished.exitCode == 64 && finished.errors.contains("--csv-bom"), "\(refused)")
      }
    }
  }
}
