#!/usr/bin/env bash
# Measures a night of redress against what a team would write instead and against what PostgreSQL needs to take the
# same rows. Nothing here fails because something is slow: it prints what it measured and what the targets are.
#
#   SIZE=1 SEED=1 SHUFFLED=off  the data, see bench-data.sh
#   REPEATS=3                   rounds; in each one every contender runs once
#   ONLY="first sql floor"      these contenders only: first same amended sql floor socket frame empty
#   BENCH_LARGE=1               also a first run at ten times the size (LARGE_REPEATS=1)
#   REDRESS=…                   the program; without it the release build is made
#
# Leaves .bench/measurements.tsv and .bench/results.md.
set -euo pipefail
cd "$(dirname "$0")/.."
size=${SIZE:-1}
repeats=${REPEATS:-3}
only=${ONLY:-first same amended sql floor socket frame empty}
measurements=.bench/measurements.tsv
results=.bench/results.md
files=$PWD/.bench/files

say() { printf '==> %s\n' "$*" >&2; }
query() { psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }
wanted() { [[ " $only " == *" $1 "* ]]; }

REDRESS=$(.make/release-binary.sh)
export REDRESS
mkdir -p .bench
eval "$(.make/bench-data.sh)"
rm -rf "$files"
mkdir -p "$files"
data=$(query -c 'SHOW data_directory')
# What the server itself reads and writes.
exchange=${data%/*}/exchange
rm -rf "$exchange"
install -d -m 755 -o "$(stat -c %u "$data")" "$exchange"
: >"$measurements"
load_before=$(cut -d ' ' -f 1-3 /proc/loadavg)

# MARK: Measuring

# CPU seconds of the server since it started: of its processes that have ended and of those that run.
server_processor_time() {
  local server
  # What has just ended is counted once the server has noticed.
  until [ "$(query -c "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")" -le 1 ]; do
    sleep 0.1
  done
  sleep 0.3
  read -r server <"$data/postmaster.pid"
  {
    awk '{ print $16 + $17 }' "/proc/$server/stat"
    pgrep -P "$server" | while read -r process; do
      awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$process/stat" 2>/dev/null || true
    done
  } | awk -v ticks="$(getconf CLK_TCK)" '{ sum += $1 } END { printf "%.2f", sum / ticks }'
}

# Runs a command after a checkpoint and notes it: contender, round, seconds, peak KiB of the process, its CPU seconds,
# the server's, MB of WAL, credits and lines in the ledger afterwards.
measure() { # CONTENDER ROUND COMMAND...
  local contender=$1 round=$2 status=0 began ended from seconds worked recorded=redress
  shift 2
  query -c CHECKPOINT
  sync
  from=$(query -c 'SELECT pg_current_wal_insert_lsn()')
  worked=$(server_processor_time)
  began=$EPOCHREALTIME
  /usr/bin/time -q -o .bench/time -f '%M %U %S' "$@" >.bench/log 2>&1 || status=$?
  ended=$EPOCHREALTIME
  worked=$(awk -v a="$worked" -v b="$(server_processor_time)" 'BEGIN { printf "%.2f", b - a }')
  # 3: done, with findings.
  if [ "$status" -ne 0 ] && [ "$status" -ne 3 ]; then
    cat .bench/log >&2
    printf '%s ended with %s\n' "$contender" "$status" >&2
    exit 1
  fi
  seconds=$(awk -v a="$began" -v b="$ended" 'BEGIN { printf "%.3f", b - a }')
  # Where the contender has put them.
  case $contender in sql | frame) recorded=bench ;; esac
  {
    printf '%s\t%s\t%s\t' "$contender" "$round" "$seconds"
    awk -v worked="$worked" '{ printf "%s\t%.2f\t%s\t", $1, $2 + $3, worked }' .bench/time
    query -F $'\t' -c "
      SELECT round(pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '$from') / 1e6),
             (SELECT count(*) FROM $recorded.credit), (SELECT count(*) FROM $recorded.invoice_adjustment)"
  } >>"$measurements"
  printf '  round %s  %-8s %8.2f s\n' "$round" "$contender" "$seconds" >&2
}

fresh_ledger() {
  query -c 'DROP SCHEMA IF EXISTS redress, bench CASCADE' 2>/dev/null
  "$REDRESS" migrate >/dev/null
  # A run would not write over those of another ledger.
  rm -f "$files"/*-run-*
}

night() { # CONTENDER ROUND AS-OF
  measure "$1" "$2" "$REDRESS" run --as-of "$3" --approve-limits --approved-by bench --reason 'first load' --output "$files"
}

# A night that is not measured. The source is in the caches for whoever comes first, too, and the segments of WAL that a
# night needs have been made: on a server that has seen nights before, nobody pays for that.
warm_up() {
  fresh_ledger
  "$REDRESS" run --as-of 2026-11-02T04:30:00Z --approve-limits --approved-by bench --reason 'first load' --quiet --output "$files" >/dev/null 2>&1 || true
}

# What autovacuum does in the day between two nights.
day() { query -c 'VACUUM (ANALYZE) redress.credit_revision, redress.decision, redress.invoice_line'; }

# MARK: Contenders

amend() { # HOURS
  query -c "UPDATE redress_source.outage SET ended_at = ended_at + interval '$1 hours' WHERE incident_id = 'INC-2001'" \
    -c "UPDATE redress_source.incident SET resolved_at = resolved_at + interval '$1 hours' WHERE incident_id = 'INC-2001'"
}

# The rows that a night of redress has written, in the tables that it writes them to.
prepare_floor() {
  [ ! -f "$exchange/credit_revision" ] || return 0
  local relation key='customer_id, subscription_id, incident_id, currency'
  query -c "COPY (SELECT * FROM redress.decision ORDER BY run_id, number) TO '$exchange/decision' (FORMAT binary)" \
    -c "COPY (SELECT * FROM redress.credit_revision ORDER BY $key, revision)
        TO '$exchange/credit_revision' (FORMAT binary)" \
    -c "COPY (SELECT * FROM redress.invoice_line ORDER BY $key, line) TO '$exchange/invoice_line' (FORMAT binary)"
  {
    echo 'BEGIN;'
    reads /dev/null
    for relation in decision credit_revision invoice_line; do
      echo "COPY redress.$relation FROM '$exchange/$relation' (FORMAT binary);"
    done
    echo 'COMMIT;'
  } >.bench/floor.sql
  {
    echo 'BEGIN;'
    reads
    for relation in decision credit_revision invoice_line; do
      echo "\\copy redress.$relation FROM '$exchange/$relation' (FORMAT binary)"
    done
    echo 'COMMIT;'
  } >.bench/socket.sql
}

# The seven streams of a night, as the program asks for them; the ledger's are empty before the first one.
reads() { # [FILE]
  local query
  for query in sql/queries/*/stream_*.sql; do
    # What is read of a ledger that is older.
    [[ $query != *_since.sql && $query != *_earlier.sql ]] || continue
    echo 'COPY ('
    sed "s/\$1/'2026-10-01'/" "$query"
    if [ $# -eq 1 ]; then echo ") TO '$1' (FORMAT binary);"; else echo ') TO STDOUT (FORMAT binary) \g /dev/null'; fi
  done
}

first_and_later_nights() { # ROUND
  if ! wanted first && [ -f "$exchange/credit_revision" ]; then return; fi
  fresh_ledger
  night first "$1" 2026-11-02T04:30:00Z
  if wanted floor || wanted socket; then prepare_floor; fi
  if wanted same; then
    day
    night same "$1" 2026-11-03T04:30:00Z
  fi
  if wanted amended; then
    day
    amend 4
    night amended "$1" 2026-11-04T04:30:00Z
    amend -4
  fi
}

run_psql() { # CONTENDER ROUND FILE
  fresh_ledger
  measure "$1" "$2" psql -X -q -v ON_ERROR_STOP=1 -v credits_file="$files/credits-sql.csv" -f "$3"
}

# A failure is remembered, because pip takes its time to give up.
frame_is_there() {
  local python=.bench/frame/bin/python
  if [ -x $python ] && $python -c 'import polars, adbc_driver_postgresql, pyarrow' 2>/dev/null; then return; fi
  [ ! -f .bench/frame-skipped ] || return 1
  say 'Installing Polars and ADBC from PyPI'
  rm -rf .bench/frame
  if { python3 -m venv .bench/frame && .bench/frame/bin/pip install -q polars adbc-driver-postgresql pyarrow; } \
    >.bench/frame.log 2>&1; then
    return
  fi
  mv .bench/frame.log .bench/frame-skipped
  return 1
}

# MARK: Rounds

has_frame=no
if wanted frame && frame_is_there; then has_frame=yes; fi

say "Size $size, $repeats rounds"
warm_up

nothing_in_the_source() { # ROUND
  local PGDATABASE=bench_empty
  export PGDATABASE
  if [ "$1" -eq 1 ]; then
    query -d postgres -c 'DROP DATABASE IF EXISTS bench_empty' \
      -c "CREATE DATABASE bench_empty ENCODING 'UTF8' TEMPLATE template0" 2>/dev/null
    "$REDRESS" migrate --with-source-tables >/dev/null
  fi
  local _
  for _ in 1 2 3; do night empty "$1" 2026-11-02T04:30:00Z; done
}

for ((round = 1; round <= repeats; round++)); do
  first_and_later_nights "$round"
  if wanted sql; then run_psql sql "$round" fixtures/bench/set_based.sql; fi
  if wanted floor; then run_psql floor "$round" .bench/floor.sql; fi
  if wanted socket; then run_psql socket "$round" .bench/socket.sql; fi
  if [ "$has_frame" = yes ]; then
    fresh_ledger
    measure frame "$round" .bench/frame/bin/python fixtures/bench/data_frame.py "$files/credits-frame.csv"
  fi
  if wanted empty; then nothing_in_the_source "$round"; fi
done

if [ "${BENCH_LARGE:-}" = 1 ]; then
  large=$(awk -v size="$size" 'BEGIN { print 10 * size }')
  small_database=$PGDATABASE
  eval "$(SIZE=$large .make/bench-data.sh)"
  say "Size $large"
  warm_up
  for ((round = 1; round <= ${LARGE_REPEATS:-1}; round++)); do
    fresh_ledger
    night large "$round" 2026-11-02T04:30:00Z
  done
  # It is large.
  fresh_ledger
  export PGDATABASE=$small_database
fi

# MARK: Results

settings=$(query -c "
  SELECT string_agg(name || ' = ' || current_setting(name), ', ' ORDER BY name)
    FROM pg_settings
   WHERE name IN ('shared_buffers', 'min_wal_size', 'max_wal_size', 'checkpoint_timeout', 'fsync', 'synchronous_commit',
                  'full_page_writes', 'wal_level', 'wal_compression', 'autovacuum', 'jit')")
version=$(query -c 'SHOW server_version')
processor=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
memory=$(awk '/^MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo)
disk=$(findmnt -n -o SOURCE,FSTYPE -T .bench | tr -s ' ')
commit=$(git describe --always --dirty 2>/dev/null || echo 'no commit')
source=$(query -c "
  SELECT format('%s customers, %s terms, %s incidents',
                (SELECT count(*) FROM redress_source.customer),
                (SELECT count(*) FROM redress_source.subscription_term),
                (SELECT count(*) FROM redress_source.incident))")

# Tables, as SQL: numbered lines of cells.
report() { # SQL
  psql -X -q -A -t -F '|' -v ON_ERROR_STOP=1 <<SQL
CREATE TEMPORARY TABLE measurement (
  contender text, round integer, seconds numeric, peak_kib numeric, processor_seconds numeric, server_seconds numeric,
  wal_mb numeric, credits bigint, lines bigint);
\copy measurement FROM '$measurements'
CREATE TEMPORARY VIEW median AS
SELECT contender, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds)::numeric AS seconds,
       min(seconds) AS low, max(seconds) AS high, max(peak_kib) / 1024 AS peak_mib,
       avg(processor_seconds) AS processor_seconds, avg(server_seconds) AS server_seconds, avg(wal_mb) AS wal_mb, max(credits) AS credits,
       max(lines) AS lines, count(*) AS times
  FROM measurement
 GROUP BY contender;
-- Contenders are compared within a round: what else the machine did then slowed both.
CREATE TEMPORARY VIEW ratio AS
SELECT target.ordinal, target.words, target.at_most, percentile_cont(0.5) WITHIN GROUP (ORDER BY part)::numeric AS ratio,
       min(part) AS low, max(part) AS high
  FROM (VALUES (1, 'first run / SQL', 'first', 'sql', 0.5),
               (2, 'first run / floor', 'first', 'floor', 1.2),
               (3, 'first run / data frame', 'first', 'frame', 0.6),
               (4, 'nothing changed / first run', 'same', 'first', 0.35),
               (5, 'one incident amended / first run', 'amended', 'first', 0.5)
       ) AS target (ordinal, words, numerator, denominator, at_most)
  LEFT JOIN (SELECT a.contender AS above, b.contender AS below, a.seconds / b.seconds AS part
               FROM measurement AS a JOIN measurement AS b USING (round)) AS compared
    ON above = numerator AND below = denominator
 GROUP BY target.ordinal, target.words, target.at_most
UNION ALL
SELECT 6, 'ten times the size / first run', 11, large.seconds / first.seconds, large.low / first.seconds,
       large.high / first.seconds
  FROM (VALUES (1)) AS one LEFT JOIN median AS large ON large.contender = 'large'
  LEFT JOIN median AS first ON first.contender = 'first'
UNION ALL
SELECT 7, 'peak memory of a first run, MiB', 64, peak_mib, peak_mib, peak_mib
  FROM (VALUES (1)) AS one LEFT JOIN median ON contender = 'first'
UNION ALL
SELECT 8, 'peak memory, ten times the size, MiB', least(64, 1.1 * first.peak_mib), large.peak_mib, large.peak_mib,
       large.peak_mib
  FROM (VALUES (1)) AS one LEFT JOIN median AS large ON large.contender = 'large'
  LEFT JOIN median AS first ON first.contender = 'first'
UNION ALL
SELECT 9, 'nothing in the source, seconds', 0.15, seconds, low, high
  FROM (VALUES (1)) AS one LEFT JOIN median ON contender = 'empty';
$1
SQL
}

contenders=$(report "
  SELECT words, round(seconds, 2), round(low, 2), round(high, 2), times, round(peak_mib, 1), round(processor_seconds, 2),
         round(server_seconds, 2), round(wal_mb), credits, lines
    FROM (VALUES ('first', 'redress, first run', 1), ('same', 'redress, nothing changed', 2),
                 ('amended', 'redress, one incident amended', 3), ('sql', 'SQL', 4), ('floor', 'floor', 5),
                 ('socket', 'floor, through the socket', 6), ('frame', 'data frame', 7),
                 ('empty', 'redress, nothing in the source', 8), ('large', 'redress, ten times the size', 9)
         ) AS name (contender, words, ordinal)
    JOIN median USING (contender)
   ORDER BY ordinal")
targets=$(report "
  SELECT words, coalesce(round(ratio, 2)::text, '-'), coalesce(round(low, 2)::text, '-'),
         coalesce(round(high, 2)::text, '-'), round(at_most, 2),
         CASE WHEN ratio <= at_most THEN 'met' WHEN ratio > at_most THEN 'missed' ELSE 'not measured' END
    FROM ratio
   ORDER BY ordinal")

contender_heads='contender|median s|min|max|times|peak MiB|CPU s|server CPU s|WAL MB|credits|lines'
target_heads='target|median|min|max|at most|verdict'
markdown() { # HEADS ROWS
  printf '| %s |\n' "${1//|/ | }"
  printf '|'
  awk -F '|' '{ for (i = 1; i <= NF; i++) printf " --- |"; print "" }' <<<"$1"
  sed 's/|/ | /g; s/^/| /; s/$/ |/' <<<"$2"
}
aligned() { # HEADS ROWS
  printf '%s\n%s\n' "$1" "$2" | awk -F '|' '
    { for (i = 1; i <= NF; i++) { cell[NR, i] = $i; if (length($i) > width[i]) width[i] = length($i) }; fields = NF }
    END {
      for (r = 1; r <= NR; r++) {
        line = sprintf("%-" width[1] "s", cell[r, 1])
        for (i = 2; i <= fields; i++) line = line sprintf("  %" width[i] "s", cell[r, i])
        sub(/ +$/, "", line)
        print line
      }
    }'
}
facts() {
  cat <<TEXT
- $source, seed ${SEED:-1}, shuffled ${SHUFFLED:-off}; commit $commit; $(date -u +%F).
- $(nproc) × $processor, $memory, $disk, Linux $(uname -r). Load before: $load_before, after: $(cut -d ' ' -f 1-3 /proc/loadavg).
- PostgreSQL $version: $settings.
- Every contender starts on an empty ledger, after a CHECKPOINT; the later nights after VACUUM ANALYZE of the ledger, which
  autovacuum would have done in the day between. The floor takes the rows that redress writes into the tables of redress;
  SQL and the data frame write a row for each credit and for each line into tables of their own, with the checks and
  indexes that those need.
- Memory is that of the process, or of psql. Ratios are formed within a round; their median and range are shown. CPU
  time is steadier than time where the machine has other things to do.
TEXT
  if wanted frame && [ "$has_frame" = no ]; then
    echo '- The data frame was skipped: Polars and ADBC could not be installed from PyPI. .bench/frame-skipped says why;'
    echo '  without that file the next run tries again.'
  elif [ "$has_frame" = yes ]; then
    .bench/frame/bin/python -c "
from importlib.metadata import version as of
print(f'- Data frame: Polars {of(\"polars\")}, ADBC {of(\"adbc-driver-postgresql\")}, pyarrow {of(\"pyarrow\")}.')"
  fi
}

{
  printf '# Measured\n\n'
  facts
  printf '\n'
  markdown "$contender_heads" "$contenders"
  printf '\n'
  markdown "$target_heads" "$targets"
} >"$results"
printf '\n'
facts
printf '\n'
aligned "$contender_heads" "$contenders"
printf '\n'
aligned "$target_heads" "$targets"
printf '\nAs Markdown: %s\n' "$results"
