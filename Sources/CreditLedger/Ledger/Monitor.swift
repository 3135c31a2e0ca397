import Glibc

/// A lock with something to wait for. The standard library has none: its `Mutex` knows no condition.
///
/// For two threads: who changes what the other may be waiting for says so with ``notify()``.
final class Monitor {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>

  init() {
    mutex = .allocate(capacity: 1)
    condition = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// Runs `body` while no other thread is inside.
  func inside<Result>(_ body: () throws -> Result) rethrows -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body()
  }

  /// Lets others inside until one of them notifies. From inside, and in a loop that looks for what is waited for.
  func wait() {
    pthread_cond_wait(condition, mutex)
  }

  func notify() {
    pthread_cond_broadcast(condition)
  }
}
