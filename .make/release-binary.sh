#!/usr/bin/env bash
# Prints the absolute path of the program that is measured: REDRESS where it is given, else the release build, which is
# made first.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ -z "${REDRESS:-}" ]; then
  RELEASE=${RELEASE:---configuration release}
  printf '==> Building in release mode\n' >&2
  # shellcheck disable=SC2086 # RELEASE is a list of options
  "${SWIFT:-swift}" build $RELEASE --product redress >&2
  # shellcheck disable=SC2086
  REDRESS=$("${SWIFT:-swift}" build $RELEASE --show-bin-path)/redress
fi
readlink -f "$REDRESS"
