#!/usr/bin/env bash
# Prints the groups of packages (see install.sh) that the tests of a FILTER need; all of them without a filter.
# A filter is looked for in the names of test targets, suites and tests; one that is found nowhere needs everything.
set -euo pipefail
cd "$(dirname "$0")/.."
filter=${1:-}
everything='build server office mail books browser pooler'

[ -n "$filter" ] || { echo "$everything"; exit; }
declare -A groups=([build]=yes)
found=
for file in Tests/*Tests/*.swift; do
  target=$(basename "$(dirname "$file")")
  { echo "$target"; grep -ohE '(struct|func) \w+' "$file" || true; } | grep -qE -- "$filter" || continue
  found=yes
  # Only these start a PostgreSQL; their helpers stand in other files of the target.
  if grep -qE 'TestDatabase|SourceDatabase|LedgerDatabase|PrivateCluster|NightUnderTest' \
    "Tests/$target"/*.swift; then groups[server]=yes; fi
  if grep -q 'Office' "$file"; then groups[office]=yes; fi
  if grep -q 'Browser' "$file"; then groups[browser]=yes; fi
  if grep -qE 'python3|read-mail' "$file"; then groups[mail]=yes; fi
  if grep -qE 'hledger|bean-check' "$file"; then groups[books]=yes; fi
  if grep -q 'Pooler' "$file"; then groups[pooler]=yes; fi
done
[ -n "$found" ] || { echo "$everything"; exit; }
for group in $everything; do
  if [ -n "${groups[$group]:-}" ]; then printf '%s ' "$group"; fi
done
echo
