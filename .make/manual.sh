#!/usr/bin/env bash
# Generates the manual page from the commands' own help. Usage: RELEASE='…' .make/manual.sh FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
folder=$1
mkdir -p "$folder"
# The generator itself and not its package plugin, which would build everything once more with other options.
# shellcheck disable=SC2086 # RELEASE is a list of options
"$swift" build $RELEASE --product generate-manual
# shellcheck disable=SC2086
binaries=$("$swift" build $RELEASE --show-bin-path)
date=$(git log -1 --format=%cs 2>/dev/null || date +%F)
"$binaries/generate-manual" "$binaries/redress" --date "$date" --output-directory "$folder"
# It knows of success and failure only; the codes are in the help, and move from the description to their own section.
awk '
  NR == FNR {
    if (!ended && taking && /^  /) {
      code = $1
      sub(/^ *[^ ]+ +/, "")
      list = list ".It Li " code "\n" $0 "\n"
    } else if (taking) ended = 1
    if (!taking && /^Exit codes:$/) taking = 1
    next
  }
  !moved && /^Exit codes:$/ { moved = dropping = 1; next }
  dropping && /^  / { next }
  { dropping = 0 }
  /^\.Ex -std$/ { printf ".Bl -tag -width 8n\n%s.El\n", list; next }
  { print }
' "$folder/redress.1" "$folder/redress.1" >"$folder/redress.1.new"
mv "$folder/redress.1.new" "$folder/redress.1"
