#!/usr/bin/env bash
# Builds the fuzzers and runs each for some seconds. What makes one fail is kept in .build/fuzz-findings.
# Usage: .make/fuzz.sh SECONDS
set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
duration=$1
fuzz=(--package-path Tests/Fuzz --scratch-path .build/fuzz --sanitize=fuzzer)

printf '==> Building the fuzzers\n'
"$swift" build "${fuzz[@]}"
folder=$("$swift" build "${fuzz[@]}" --show-bin-path)

mkdir -p .build/fuzz-corpus/{FuzzPolicy,FuzzCopyRows,FuzzCSV} .build/fuzz-findings
# Every policy file of the fixtures, by a name that tells them apart.
for file in fixtures/*/*.yaml; do
  cp "$file" ".build/fuzz-corpus/FuzzPolicy/${file//\//-}"
done
for fuzzer in FuzzPolicy FuzzCopyRows FuzzCSV; do
  printf '==> %s for %s seconds\n' "$fuzzer" "$duration"
  "$folder/$fuzzer" -max_total_time="$duration" -timeout=10 -rss_limit_mb=2048 -verbosity=0 \
    -print_final_stats=1 -artifact_prefix=".build/fuzz-findings/$fuzzer-" ".build/fuzz-corpus/$fuzzer"
done
