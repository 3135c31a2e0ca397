#!/usr/bin/env bash
# Runs the tests of the modules that know no database, no file and no library of the system. They are built alone, in
# a folder of their own, so that nothing has to be installed or fetched.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=.build/rules
mkdir -p "$folder"
# SwiftPM writes a Package.resolved beside the manifest; that of the whole program stays as it is.
for name in Package.swift Sources Tests sql; do ln -sfn "$PWD/$name" "$folder/$name"; done
export REDRESS_RULES_ALONE=yes
SWIFT_BACKTRACE=enable=no "${SWIFT:-swift}" test --package-path "$folder" --scratch-path "$folder/.build" \
  --disable-xctest --quiet
