#!/usr/bin/env bash
# Fills redress_source with a large month (fixtures/bench/source.sql).
#
#   SIZE=1        1 is 250,000 customers and 1,000,000 terms; fractions will do
#   SEED=1        the same seed gives the same rows
#   SHUFFLED=off  on: terms are stored in no order instead of their customers'
#   BENCH_DB=…    a conninfo or URI of the database to fill, whose source relations must be empty; without it a
#                 private PostgreSQL in .bench/ gets a database for the size, once
#   BENCH_LARGE=1 the private PostgreSQL gets room for ten times the WAL
#   REDRESS=…     the program; without it the release build is made
#
# Prints PGHOST=… lines for the private database.
set -euo pipefail
cd "$(dirname "$0")/.."
size=${SIZE:-1}
seed=${SEED:-1}
shuffled=${SHUFFLED:-off}
[[ $size =~ ^[0-9]*\.?[0-9]+$ ]] || { printf 'SIZE must be a number, not %s\n' "$size" >&2; exit 64; }
[[ $seed =~ ^[0-9]{1,9}$ ]] || { printf 'SEED must be a whole number, not %s\n' "$seed" >&2; exit 64; }
[[ $shuffled == on || $shuffled == off ]] || { printf 'SHUFFLED must be on or off\n' >&2; exit 64; }

say() { printf '==> %s\n' "$*" >&2; }
query() { psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }
fill() { # PSQL-ARGUMENT...
  say "Filling redress_source, size $size, seed $seed"
  query "$@" -v size="$size" -v seed="$seed" -v shuffled="$shuffled" -f fixtures/bench/source.sql >&2
}

REDRESS=$(.make/release-binary.sh)

if [ -n "${BENCH_DB:-}" ]; then
  "$REDRESS" migrate --with-source-tables --database "$BENCH_DB" >&2
  if [ "$(query -d "$BENCH_DB" -c 'SELECT EXISTS (SELECT FROM redress_source.customer)')" = t ]; then
    printf 'redress_source has customers already; fill an empty database.\n' >&2
    exit 1
  fi
  fill -d "$BENCH_DB"
  exit 0
fi

eval "$(.make/cluster.sh start .bench/cluster)"
# Durable like any production server, and as large as PostgreSQL's manual advises: a quarter of the memory, and so much
# WAL that a night lies between two checkpoints and finds its segments made, as where there was such a night before.
# Checkpoints and vacuum come when bench.sh says so, between what it measures.
memory=$(awk '/^MemTotal/ { print int($2 / 4096) }' /proc/meminfo)
wal=2
if [ "${BENCH_LARGE:-}" = 1 ]; then wal=12; fi
wanted="shared_buffers=${memory}MB min_wal_size=${wal}GB max_wal_size=$((2 * wal))GB"
wanted+=' checkpoint_timeout=30min autovacuum=off'
if [ "$(cat .bench/settings 2>/dev/null)" != "$wanted" ]; then
  for setting in $wanted; do
    query -c "ALTER SYSTEM SET ${setting%%=*} = '${setting#*=}'"
  done
  .make/cluster.sh stop .bench/cluster
  .make/cluster.sh start .bench/cluster >/dev/null
  printf '%s' "$wanted" >.bench/settings
fi

database=bench_${size//./_}
made_of="size $size, seed $seed, shuffled $shuffled, $(cat fixtures/bench/source.sql sql/source/*.sql | sha256sum | cut -c 1-16)"
if [ "$(query -c "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '$database'")" != "$made_of" ]; then
  query -c "DROP DATABASE IF EXISTS $database" -c "CREATE DATABASE $database ENCODING 'UTF8' TEMPLATE template0" 2>/dev/null
  PGDATABASE=$database "$REDRESS" migrate --with-source-tables >/dev/null
  fill -d "$database"
  query -c "COMMENT ON DATABASE $database IS '$made_of'"
fi
printf 'PGHOST=%s\nPGPORT=%s\nPGUSER=%s\nPGDATABASE=%s\nexport PGHOST PGPORT PGUSER PGDATABASE\n' \
  "$PGHOST" "$PGPORT" "$PGUSER" "$database"
