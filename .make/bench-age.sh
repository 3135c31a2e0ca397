#!/usr/bin/env bash
# Measures what years of history cost a night: the same month on a ledger with 36 earlier months, with 3, and without
# any. Nothing here fails because something is slow: it prints what it measured and what the targets are.
#
#   SIZE=0.05 SEED=1   the data, see bench-data.sh; 0.05 is 12,500 customers
#   AGES="3 36"        months of history
#   REPEATS=5          rounds; in each one every contender runs once
#   REDRESS=…          the program; without it the release build is made
#
# Leaves .bench/ages.tsv and .bench/ages.md.
set -euo pipefail
cd "$(dirname "$0")/.."
size=${SIZE:-0.05}
seed=${SEED:-1}
repeats=${REPEATS:-5}
read -r young old <<<"${AGES:-3 36}"
measurements=.bench/ages.tsv
results=.bench/ages.md
files=$PWD/.bench/age-files

say() { printf '==> %s\n' "$*" >&2; }
query() { psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }

REDRESS=$(.make/release-binary.sh)
export REDRESS
mkdir -p .bench
eval "$(SIZE=$size SEED=$seed .make/bench-data.sh)"
source_database=$PGDATABASE
: >"$measurements"

# MARK: Histories

run_night() { # DATABASE AS-OF OPTION...
  local database=$1 as_of=$2 status=0
  shift 2
  PGDATABASE=$database "$REDRESS" run --as-of "$as_of" --approve-limits --approved-by bench --reason 'first load' --quiet --output "$files/$database" "$@" \
    >.bench/log 2>&1 || status=$?
  # 3: done, with findings.
  if [ "$status" -ne 0 ] && [ "$status" -ne 3 ]; then
    cat .bench/log >&2
    exit 1
  fi
}

# A database in which MONTHS months before October 2026 were reconciled, a night each.
history_of() { # DATABASE MONTHS
  local database=$1 months=$2 month next ago
  say "A ledger with $months months of history"
  query -d postgres -c "DROP DATABASE IF EXISTS $database" 2>/dev/null
  query -d postgres -c "CREATE DATABASE $database TEMPLATE $source_database"
  export PGDATABASE=$database
  query -c 'DROP SCHEMA IF EXISTS redress CASCADE' 2>/dev/null
  "$REDRESS" migrate >/dev/null
  rm -rf "${files:?}/$database"
  mkdir -p "$files/$database"
  for ((ago = months; ago >= 1; ago--)); do
    month=$(date -u -d "2026-10-01 -$ago months" +%F)
    next=$(date -u -d "$month +1 month" +%F)
    query -v month="$month" -v seed="$seed" -f fixtures/bench/month.sql
    run_night "$database" "${next%01}02T04:30:00Z"
    query -v month="$month" -v seed="$seed" -f fixtures/bench/month_end.sql
  done
  query -c 'VACUUM (ANALYZE)'
}

# MARK: Measuring

# Runs a command and notes it: what, age, round, seconds, peak KiB and CPU seconds of the process.
measure() { # WHAT AGE ROUND DATABASE COMMAND...
  local what=$1 age=$2 round=$3 database=$4 status=0 began ended
  shift 4
  PGDATABASE=$database query -c CHECKPOINT
  began=$EPOCHREALTIME
  PGDATABASE=$database /usr/bin/time -q -o .bench/time -f '%M %U %S' "$@" >.bench/log 2>&1 || status=$?
  ended=$EPOCHREALTIME
  if [ "$status" -ne 0 ] && [ "$status" -ne 3 ]; then
    cat .bench/log >&2
    exit 1
  fi
  awk -v what="$what" -v age="$age" -v round="$round" -v a="$began" -v b="$ended" \
    '{ printf "%s\t%s\t%s\t%.3f\t%s\t%.2f\n", what, age, round, b - a, $1, $2 + $3 }' .bench/time >>"$measurements"
}

bytes_per_credit() { # DATABASE
  query -d "$1" -c "
    SELECT round((SELECT sum(pg_total_relation_size(oid)) FROM pg_class
                   WHERE relnamespace = 'redress'::regnamespace AND relkind = 'r'
                     AND relname IN ('credit_revision', 'invoice_line', 'decision', 'recorded_month', 'carried_forward'))
                 / (SELECT count(*) FROM redress.credit))"
}

wal_per_credit() { # DATABASE AS-OF
  local from before
  before=$(query -d "$1" -c 'SELECT count(*) FROM redress.credit')
  query -d "$1" -c CHECKPOINT
  from=$(query -d "$1" -c 'SELECT pg_current_wal_insert_lsn()')
  run_night "$1" "$2"
  query -d "$1" -c "
    SELECT round(pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '$from') / ((SELECT count(*) FROM redress.credit) - $before))"
}

history_of age_0 0
history_of "age_$young" "$young"
history_of "age_$old" "$old"

say 'The first night of a new month'
for ((round = 1; round <= repeats; round++)); do
  for age in 0 "$young" "$old"; do
    # A copy, because what is taken back leaves room between the rows of later nights.
    query -d postgres -c 'DROP DATABASE IF EXISTS age_copy' 2>/dev/null
    query -d postgres -c "CREATE DATABASE age_copy TEMPLATE age_$age"
    mkdir -p "$files/copy"
    measure first "$age" "$round" age_copy "$REDRESS" run --as-of 2026-11-02T04:30:00Z --approve-limits --approved-by bench --reason 'first load' --quiet \
      --output "$files/copy"
    rm -rf "$files/copy"
  done
done
query -d postgres -c 'DROP DATABASE IF EXISTS age_copy'

wal_of_new=$(wal_per_credit age_0 2026-11-02T04:30:00Z)
wal=$(wal_per_credit "age_$old" 2026-11-02T04:30:00Z)
run_night "age_$young" 2026-11-02T04:30:00Z
for age in 0 "$young" "$old"; do query -d "age_$age" -c 'VACUUM (ANALYZE)'; done
disk_of_new=$(bytes_per_credit age_0)
disk=$(bytes_per_credit "age_$old")
open_of() { query -d "age_$1" -c 'SELECT carried FROM redress.run ORDER BY run_id DESC LIMIT 1'; }
open_young=$(open_of "$young")
open_old=$(open_of "$old")

say 'Later nights and reports'
customer=$(query -d "age_$old" -c 'SELECT customer_id FROM redress.credit ORDER BY customer_id COLLATE "C" OFFSET 1000 LIMIT 1')
for ((round = 1; round <= repeats; round++)); do
  for age in "$young" "$old"; do
    database=age_$age
    granted=$(query -d "$database" -c 'SELECT run_id FROM redress.run ORDER BY revisions DESC, run_id DESC LIMIT 1')
    measure quiet "$age" "$round" "$database" "$REDRESS" run --as-of 2026-11-03T04:30:00Z --approve-limits --approved-by bench --reason 'first load' --quiet \
      --output "$files/$database"
    mkdir -p "$files/again-$age-$round" "$files/page-$age-$round"
    measure explain "$age" "$round" "$database" "$REDRESS" explain "$customer"
    measure report "$age" "$round" "$database" "$REDRESS" report --run "$granted" --output "$files/again-$age-$round"
    measure page "$age" "$round" "$database" "$REDRESS" report --month 2026-10 --format html \
      --output "$files/page-$age-$round"
    rm -rf "$files/again-$age-$round" "$files/page-$age-$round"
  done
done

# MARK: Results

table=$(psql -X -q -A -t -F '|' -v ON_ERROR_STOP=1 -d "$source_database" <<SQL
CREATE TEMPORARY TABLE measurement (
  what text, age integer, round integer, seconds numeric, peak_kib numeric, processor_seconds numeric);
\copy measurement FROM '$measurements'
SELECT target.words,
       round(percentile_cont(0.5) WITHIN GROUP (ORDER BY old.seconds)::numeric, 2),
       round(percentile_cont(0.5) WITHIN GROUP (ORDER BY young.seconds)::numeric, 2),
       round(percentile_cont(0.5) WITHIN GROUP (ORDER BY old.seconds / young.seconds)::numeric, 2),
       round(min(old.seconds / young.seconds), 2), round(max(old.seconds / young.seconds), 2),
       round(max(old.peak_kib) / 1024, 1), target.at_most
  FROM (VALUES (1, 'quiet night, $old / $young months', 'quiet', $young, 1.25),
               (2, 'first night of a month, $old months / none', 'first', 0, 1.15),
               (2, 'first night of a month, $old / $young months', 'first', $young, NULL),
               (3, 'explain of a customer, $old / $young months', 'explain', $young, 1.3),
               (4, 'report of a run, $old / $young months', 'report', $young, 1.3),
               (5, 'page of a month, $old / $young months', 'page', $young, 1.3)
       ) AS target (ordinal, words, what, than, at_most)
  JOIN measurement AS old ON old.what = target.what AND old.age = $old
  JOIN measurement AS young ON young.what = target.what AND young.age = target.than AND young.round = old.round
 GROUP BY target.ordinal, target.words, target.at_most
 ORDER BY target.ordinal;
SQL
)
{
  printf '# Measured\n\n'
  printf -- '- Size %s, seed %s, %s rounds; commit %s; %s. Ratios are formed within a round; median and range.\n' \
    "$size" "$seed" "$repeats" "$(git describe --always --dirty 2>/dev/null || echo 'no commit')" "$(date -u +%F)"
  printf -- '- WAL of a credit and its line: %s bytes on a new ledger, %s after %s months (target 420). On disk with indexes: %s and %s bytes (target 320).\n' \
    "$wal_of_new" "$wal" "$old" "$disk_of_new" "$disk"
  printf -- '- Credits carried forward because they are open: %s after %s months, %s after %s.\n\n' \
    "$open_young" "$young" "$open_old" "$old"
  printf '| what | s | s | ratio | min | max | peak MiB | at most |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n'
  sed 's/|/ | /g; s/^/| /; s/$/ |/' <<<"$table"
} >"$results"
cat "$results"
