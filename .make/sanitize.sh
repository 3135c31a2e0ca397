#!/usr/bin/env bash
# Runs the tests with a sanitizer, in a build folder of its own. Usage: .make/sanitize.sh address|thread
#
# The thread sanitizer does not understand Synchronization.Mutex and reports contended ones falsely, so it gets the suites
# that start threads over libpq and the pure ones.
set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
sanitizer=$1
build=(--scratch-path ".build/$sanitizer" "--sanitize=$sanitizer")
case $sanitizer in
  address) suites=${FILTER:-'^(PropertyTests|PostgresTests|ServiceCreditsTests|CreditLedgerTests|CreditRunTests|CommandTests)\.'} ;;
  thread) suites=${FILTER:-'^(PropertyTests|ServiceCreditsTests|PostgresTests)\.'} ;;
  *)
    printf 'usage: sanitize.sh address|thread\n' >&2
    exit 64
    ;;
esac

printf '==> Building with the %s sanitizer\n' "$sanitizer"
"$swift" build --build-tests "${build[@]}"
REDRESS_BINARIES=$("$swift" build "${build[@]}" --show-bin-path)
export REDRESS_BINARIES

mkdir -p .test
trap '.make/cluster.sh destroy .test/cluster' EXIT
set -a
eval "$(.make/cluster.sh start-volatile .test/cluster)"
set +a
export REDRESS_TEST_PGHOST=$PGHOST
# XCTest, which the test runner brings, leaks, and so do Foundation, which only tests use, and the argument parser, where it
# throws; libpq keeps what it reads once. A value that is alive where the program exits is none of ours either.
printf 'leak:%s\n' libXCTest libFoundationEssentials ArgumentParser 8MigratorV5check libpq libcrypto \
  > ".build/$sanitizer/suppressions"
export LSAN_OPTIONS=suppressions=$PWD/.build/$sanitizer/suppressions:print_suppressions=0
# A test measures memory: what was freed must not be kept for long.
export ASAN_OPTIONS=abort_on_error=0:quarantine_size_mb=4 TSAN_OPTIONS=halt_on_error=1 SWIFT_BACKTRACE=enable=no
"$swift" test --skip-build --disable-xctest "${build[@]}" --filter "$suites"
# One test at a time: the mutexes of the tests themselves must not be contended.
if [ "$sanitizer" = thread ] && [ -z "${FILTER:-}" ]; then
  "$swift" test --skip-build --disable-xctest --no-parallel "${build[@]}" --filter '^CreditLedgerTests\.LedgerWriterTests'
fi
