import CreditLedger
import CreditRun
import Glibc
import OutputFiles
import Synchronization

/// Hands SIGINT, SIGTERM and SIGHUP to a thread of their own, so that what follows may be more than a signal handler
/// may do.
///
/// Whoever has something to end in good order says so with ``start(_:)``. Without that, and where it does not end
/// within the grace period because a server does not answer, the program removes its unfinished files and exits: the
/// server rolls back what was not committed. What others wait to read about the end is written then too, see
/// ``atEnd(_:)``.
enum SignalWatch {
  /// How long the good order may take.
  private static let graceSeconds: Int64 = 10
  /// How long a program that has only begun gets to say what there is to end.
  private static let startMilliseconds = 200
  private static let state = Mutex<(@Sendable (Int32) -> Interruption.Response)?>(nil)
  private static let lastAct = Mutex<(@Sendable (Int32) -> Void)?>(nil)

  /// Called before anything starts a thread: threads inherit the mask.
  static func install() {
    var signals = sigset_t()
    sigemptyset(&signals)
    // What the caller has chosen to ignore (nohup, a shell's background job) stays ignored.
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

  /// - Parameter body: called with the signal, again and again until the program has ended. Where it is too late to stop
  ///   what goes on, that is waited for.
  static func start(_ body: @escaping @Sendable (Int32) -> Interruption.Response) {
    state.withLock { $0 = body }
  }

  /// - Parameter body: called with the signal on the watch's own thread where the program ends without having come to an
  ///   end of its own, before it does.
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
