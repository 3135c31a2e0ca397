import CreditLedger
import CreditRun
import Glibc
import OutputFiles
import Synchronization

/// Waits for SIGINT, SIGTERM and SIGHUP on a thread, which may do more than a signal handler may.
///
/// A command that can stop in an orderly way calls ``start(_:)``. Without it, or if the command
/// does not stop within the grace period because a server does not answer, the program removes its
/// unfinished files and exits. The server then rolls back what was not committed. ``atEnd(_:)``
/// sets what to do before such an exit.
enum SignalWatch {
  /// How long an orderly stop may take.
  private static let graceSeconds: Int64 = 10
  /// How long to wait for ``start(_:)`` if the signal comes just after the program began.
  private static let startMilliseconds = 200
  private static let state = Mutex<(@Sendable (Int32) -> Interruption.Response)?>(nil)
  private static let lastAct = Mutex<(@Sendable (Int32) -> Void)?>(nil)

  /// Must be called before any thread is started: threads inherit the mask.
  static func install() {
    var signals = sigset_t()
    sigemptyset(&signals)
    // Signals that the caller ignores (nohup, a background job of a shell) stay ignored.
    for number in [SIGINT, SIGTERM, SIGHUP] where !isIgnored(number) { sigaddset(&signals, number) }
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    let watcher = Watcher(signals: signals)
    var thread = pthread_t()
    let context = Unmanaged.passRetained(watcher)
    let status = pthread_create(
      &thread, nil,
      { context in
        Unmanaged<Watcher>.fromOpaque(context!).takeRetainedValue().wait()
        return nil
      }, context.toOpaque())
    if status == 0 { pthread_detach(thread) }
  }

  /// - Parameter body: called with the signal, repeatedly until the program has ended. If it is too
  ///   late to stop the work, the watch waits for the work to finish.
  static func start(_ body: @escaping @Sendable (Int32) -> Interruption.Response) {
    state.withLock { $0 = body }
  }

  /// - Parameter body: called with the signal on the watch's thread, before the watch ends the
  ///   program.
  static func atEnd(_ body: @escaping @Sendable (Int32) -> Void) {
    lastAct.withLock { $0 = body }
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    guard sigaction(number, nil, &action) == 0 else { return false }
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
      == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  private final class Watcher {
    private var signals: sigset_t

    init(signals: sigset_t) {
      self.signals = signals
    }

    func wait() {
      var number: Int32 = 0
      while sigwait(&signals, &number) != 0 {}
      let received = ContinuousClock.now
      while true {
        guard let body = SignalWatch.state.withLock({ $0 }) else {
          guard ContinuousClock.now - received < .milliseconds(SignalWatch.startMilliseconds) else {
            SignalWatch.end(number)
          }
          usleep(5_000)
          continue
        }
        switch body(number) {
        case .nothingBegun: SignalWatch.end(number)
        case .stopping:
          let grace = Duration.seconds(SignalWatch.graceSeconds)
          if ContinuousClock.now - received > grace { SignalWatch.end(number) }
        case .tooLate: break
        }
        usleep(100_000)
      }
    }
  }

  private static func end(_ number: Int32) -> Never {
    PartialFiles.unlinkAll()
    lastAct.withLock { $0 }?(number)
    StandardError.write(ErrorReport(Interrupted(signal: number)).text)
    _exit(128 + number)
  }
}
