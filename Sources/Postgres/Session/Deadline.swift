import Glibc

/// A time on the monotonic clock, or never.
struct Deadline {
  private let nanoseconds: UInt64?

  init(seconds: Int) {
    guard seconds > 0 else {
      nanoseconds = nil
      return
    }
    let (span, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
    nanoseconds = overflow ? nil : Self.now() &+ span
  }

  private init(nanoseconds: UInt64?) {
    self.nanoseconds = nanoseconds
  }

  /// This deadline, or a time `milliseconds` from now if that is earlier.
  func orSooner(milliseconds: Int) -> Deadline {
    let soon = Self.now() &+ UInt64(milliseconds) * 1_000_000
    return Deadline(nanoseconds: min(nanoseconds ?? soon, soon))
  }

  /// The time-out for `poll`: -1 for never, 0 if the deadline has passed.
  var milliseconds: Int32 {
    guard let nanoseconds else { return -1 }
    let now = Self.now()
    guard nanoseconds > now else { return 0 }
    return Int32(clamping: (nanoseconds - now + 999_999) / 1_000_000)
  }

  var hasPassed: Bool { milliseconds == 0 }

  private static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}

/// Waits until `descriptor` is ready for one of `events`.
/// - Returns: the events; 0 if the deadline has passed.
func wait(_ descriptor: Int32, events: Int32, until deadline: Deadline) -> Int32 {
  while true {
    var request = pollfd(fd: descriptor, events: Int16(events), revents: 0)
    let ready = poll(&request, 1, deadline.milliseconds)
    if ready > 0 { return Int32(request.revents) }
    if ready == 0 {
      if deadline.hasPassed { return 0 }
    } else if errno != EINTR {
      return Int32(POLLERR)
    }
  }
}
