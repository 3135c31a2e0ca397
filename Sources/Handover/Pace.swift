import CreditLedger
import Glibc

/// How fast and how often messages are sent.
package struct Pace: Sendable {
  /// Requests a second at most; at least 1.
  package var rate = 10
  /// How often a request is tried again.
  package var retries = 5
  /// The first wait before that. Each further one is up to twice as long, to `longestWait`.
  package var waitMilliseconds = 500
  /// How long a request without an answer may still be worked on there. A message is not looked for before.
  package var settleMilliseconds = 30_000
  /// For one request.
  package var timeoutMilliseconds = 30_000

  /// What is longer is not waited for, whoever asks for it.
  package static let longestWait = 60_000

  package init() {}

  /// The wait before a repetition, in milliseconds: between half and all of twice as much each time, so that clients who
  /// failed together do not come again together.
  /// - Parameters:
  ///   - tried: how often it was tried, from 1.
  ///   - asked: what the server asks for, in seconds.
  ///   - random: from 0 to 1000.
  func wait(tried: Int, asked: Int?, random: Int) -> Int {
    let longest = min(Pace.longestWait, waitMilliseconds * (1 << min(tried - 1, 16)))
    let own = longest / 2 + (longest - longest / 2) * random / 1000
    return min(Pace.longestWait, max(min(asked ?? 0, Pace.longestWait / 1000) * 1000, own))
  }
}

/// Waits between requests, and ends the wait when the command is asked to stop.
struct Pacer {
  private let pace: Pace
  private let interruption: Interruption
  private var next = ContinuousClock.now

  init(_ pace: Pace, _ interruption: Interruption) {
    self.pace = pace
    self.interruption = interruption
  }

  /// Waits until the next request may be sent.
  mutating func takeTurn() throws {
    try sleep(until: next)
    next = max(next, .now) + .nanoseconds(1_000_000_000 / max(1, pace.rate))
  }

  func beforeRepetition(tried: Int, asked: Int?) throws {
    let wait = pace.wait(tried: tried, asked: asked, random: Int.random(in: 0...1000))
    try sleep(until: .now + .milliseconds(wait))
  }

  /// Waits until a request that had no answer is not worked on any more.
  /// - Parameter sinceMilliseconds: how long ago it was sent.
  func settle(sinceMilliseconds: Int = 0) throws {
    let left = pace.settleMilliseconds - min(sinceMilliseconds, pace.settleMilliseconds)
    try sleep(until: .now + .milliseconds(left))
  }

  private func sleep(until end: ContinuousClock.Instant) throws {
    try interruption.check()
    while ContinuousClock.now < end {
      let left = (end - .now).components
      let microseconds = left.seconds > 0 ? 100_000 : left.attoseconds / 1_000_000_000_000 + 1
      usleep(UInt32(min(100_000, max(1, microseconds))))
      try interruption.check()
    }
  }
}
