#!/usr/bin/env bash
# Runs the micro-benchmarks, Tests/Benchmarks, a package of its own. What it builds is in .bench/micro.
#
#   FILTER='CSV.*'  these benchmarks only; a regular expression that the whole name must match
#   WHAT=…          other arguments for the tool: 'list', 'baseline update NAME', 'baseline compare NAME'
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
filter=()
if [ -n "${FILTER:-}" ]; then filter=(--filter "$FILTER"); fi
cd Tests/Benchmarks
# shellcheck disable=SC2086 # WHAT is a list of arguments
exec "${SWIFT:-swift}" package --scratch-path "$root/.bench/micro" --allow-writing-to-package-directory \
  benchmark ${WHAT:-} --no-progress --grouping metric "${filter[@]}"
