import Glibc

/// A lock with a condition to wait for. `Mutex` of the standard library has no condition.
///
/// For two threads. A thread that changes what the other may wait for calls ``notify()``.
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

  /// Releases the lock and waits for ``notify()``. Call it inside, in a loop that checks the
  /// condition.
  func wait() {
    pthread_cond_wait(condition, mutex)
  }

  func notify() {
    pthread_cond_broadcast(condition)
  }
}
