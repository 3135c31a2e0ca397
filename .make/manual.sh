#!/usr/bin/env bash
# Generates the man pages from the commands' own help. Usage: .make/manual.sh FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$1
rm -rf "$folder"
mkdir -p "$folder"
"${SWIFT:-swift}" package --disable-sandbox --allow-writing-to-package-directory \
  generate-manual --multi-page --output-directory "$folder" >"$folder.log" 2>&1 || {
  cat "$folder.log" >&2
  exit 1
}
