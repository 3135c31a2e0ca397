import Glibc
import TestSupport
import Testing

struct FaultPageTests {
  @Test("the documentation says what the tests demand; REDRESS_GOLDEN=renew rewrites it")
  func page() throws {
    let path = "\(TestServer.packageFolder)/\(FaultPage.path)"
    if getenv("REDRESS_GOLDEN").map({ String(cString: $0) }) == "renew" {
      guard let file = fopen(path, "w") else { throw SystemError(path, errno) }
      fputs(FaultPage.text, file)
      fclose(file)
      return
    }
    let there = try sh("cat '\(path)'")
    #expect(there == FaultPage.text, "REDRESS_GOLDEN=renew renews \(FaultPage.path); read the diff")
  }
}
