#!/usr/bin/env bash
# Builds and runs the tests on a private PostgreSQL in .test/, which is ended however this script ends.
# FILTER runs matching suites only; REDRESS_GOLDEN=renew rewrites the fixtures' expected files.
set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}

printf '==> Building\n'
"$swift" build --build-tests

printf '==> Starting a private PostgreSQL in .test/\n'
mkdir -p .test
trap '.make/cluster.sh destroy .test/cluster' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP
set -a
eval "$(.make/cluster.sh start-volatile .test/cluster)"
set +a
export REDRESS_TEST_PGHOST=$PGHOST
export PATH="$PGPROGRAMS:$PATH"

printf '==> Testing\n'
log=.build/test.log
status=0
# A crash in a test ends at once instead of waiting for an interactive backtrace.
SWIFT_BACKTRACE=enable=no "$swift" test --skip-build --disable-xctest ${FILTER:+--filter "$FILTER"} \
  2>&1 | tee "$log" || status=$?

if [ "$status" -eq 0 ] && grep -q 'Test run with 0 tests' "$log"; then
  printf 'No test matches %s.\n' "${FILTER:-}" >&2
  status=1
fi
printf '\n==> '
if ! grep -E 'Test run with [0-9]+ tests?' "$log" | tail -n 1 | sed 's/^[^T]*//'; then
  printf 'The tests ended without a summary (exit code %s); the log is %s\n' "$status" "$log"
fi
exit "$status"
