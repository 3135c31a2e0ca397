import FoundationEssentials
import Testing

/// A billing system on the loopback that behaves as it is told: `remote-server.py`.
struct RemoteSystem: Sendable {
  let folder: URL
  let port: String

  let scheme: String

  var url: String { "\(scheme)://127.0.0.1:\(port)" }

  /// A message that it has.
  struct Kept: Hashable, Sendable, Decodable {
    let key: String
    let amount: String
    let id: String
  }

  /// - Parameter isSelfSigned: whether it speaks HTTPS, with a certificate that nobody vouches for.
  static func with(
    isSelfSigned: Bool = false, _ body: (RemoteSystem) async throws -> Void
  ) async throws {
    try await withTemporaryFolder { folder in
      if isSelfSigned {
        let made = try await run(
          "openssl",
          [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
            "-out", folder.appending(path: "certificate.pem").path(), "-keyout",
            folder.appending(path: "key.pem").path(),
          ])
        #expect(made.exitCode == 0, "\(made.errors)")
      }
      let script = Checkout.root.appending(path: "Tests/CommandTests/remote-server.py")
      let server = Task {
        try await run(
          "python3", [script.path(percentEncoded: false), folder.path(percentEncoded: false)])
      }
      let portFile = folder.appending(path: "port")
      var port: String?
      while port == nil {
        port = try? String(contentsOf: portFile, encoding: .utf8)
        try await Task.sleep(for: .milliseconds(10))
      }
      do {
        try await body(
          RemoteSystem(
            folder: folder, port: try #require(port), scheme: isSelfSigned ? "https" : "http"))
      } catch {
        try Data().write(to: folder.appending(path: "stop"))
        throw error
      }
      try Data().write(to: folder.appending(path: "stop"))
      let finished = try await server.value
      #expect(finished.exitCode == 0 && finished.errors.isEmpty, "\(finished.errors)")
    }
  }

  /// What it does with the next messages.
  func script(_ steps: String) throws {
    try Data(steps.utf8).write(to: folder.appending(path: "script"))
  }

  /// The steps that it has not taken.
  var stepsLeft: String {
    get throws { try String(contentsOf: folder.appending(path: "script"), encoding: .utf8) }
  }

  var kept: [Kept] {
    get throws {
      let file = folder.appending(path: "there")
      guard let text = try? String(contentsOf: file, encoding: .utf8) else { return [] }
      return try text.split(separator: "\n").map {
        try JSONDecoder().decode(Kept.self, from: Data($0.utf8))
      }
    }
  }
}
