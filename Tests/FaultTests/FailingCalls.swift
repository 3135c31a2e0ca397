import Glibc
import TestSupport

/// A library that is loaded before the C library. It makes the n-th call of one kind fail, or all
/// of them, or kills the program at the call.
///
/// Only calls on a run's hidden files and on folders count, so that the program's other work goes
/// on.
enum FailingCalls {
  enum Call: String, Sendable {
    case write, fsync, link
  }

  enum Failure: Sendable {
    case code(Int32)
    case killed
  }

  static let compiler = ["cc", "clang"].first {
    (try? sh("command -v \($0)")) != nil
  }

  /// The environment for the program.
  /// - Parameter number: the number of the call, from 1; 0 for all calls.
  static func environment(
    _ call: Call, _ number: Int, _ failure: Failure, library: String
  ) -> [String: String] {
    let code: Int32 =
      switch failure {
      case .code(let code): code
      case .killed: 0
      }
    return ["LD_PRELOAD": library, "FAILING_CALL": "\(call.rawValue) \(number) \(code)"]
  }

  /// Compiles the library into the folder and returns its path.
  static func build(in folder: String) throws -> String {
    guard let compiler else { throw SystemError("no C compiler", ENOENT) }
    let source = "\(folder)/failing.c"
    let file = fopen(source, "w")
    fputs(code, file)
    fclose(file)
    try sh("\(compiler) -shared -fPIC -O1 -o '\(folder)/failing.so' '\(source)' -ldl")
    return "\(folder)/failing.so"
  }

  private static let code = #"""
    #define _GNU_SOURCE
    #include <dlfcn.h>
    #include <errno.h>
    #include <signal.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include <sys/stat.h>
    #include <unistd.h>

    static int fails(const char *call) {
      static int count = 0;
      char name[16];
      int number, code;
      const char *wish = getenv("FAILING_CALL");
      if (!wish || sscanf(wish, "%15s %d %d", name, &number, &code) != 3) return 0;
      if (strcmp(name, call) != 0) return 0;
      if (number != 0 && ++count != number) return 0;
      if (code == 0) kill(getpid(), SIGKILL);
      errno = code;
      return 1;
    }

    static int concerns(int descriptor) {
      char link[64], path[4096];
      struct stat status;
      if (fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode)) return 1;
      snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
      ssize_t size = readlink(link, path, sizeof path - 1);
      if (size < 0) return 0;
      path[size] = 0;
      return strstr(path, ".partial") != NULL;
    }

    ssize_t write(int descriptor, const void *bytes, size_t count) {
      if (concerns(descriptor) && fails("write")) return -1;
      ssize_t (*real)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
      return real(descriptor, bytes, count);
    }

    int fsync(int descriptor) {
      if (concerns(descriptor) && fails("fsync")) return -1;
      int (*real)(int) = dlsym(RTLD_NEXT, "fsync");
      return real(descriptor);
    }

    int link(const char *from, const char *to) {
      if (strstr(from, ".partial") && fails("link")) return -1;
      int (*real)(const char *, const char *) = dlsym(RTLD_NEXT, "link");
      return real(from, to);
    }
    """#
}
