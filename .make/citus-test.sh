#!/usr/bin/env bash
# A month of outages on three nodes with Citus, and the same on one plain server: everything that is written is compared
# byte for byte. Then what others write while a run reads. CITUS_PG_CONFIG names the pg_config of an installation that has
# the extension; without one nothing is done.
set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}

skip() {
  printf 'Skipped: %s\n' "$*"
  exit 0
}
[ -n "${CITUS_PG_CONFIG:-}" ] \
  || skip 'CITUS_PG_CONFIG names no pg_config of a PostgreSQL that has the extension citus.'
[ -x "$CITUS_PG_CONFIG" ] || skip "CITUS_PG_CONFIG is $CITUS_PG_CONFIG, which is no program."
[ -e "$("$CITUS_PG_CONFIG" --sharedir)/extension/citus.control" ] \
  || skip "the PostgreSQL of $CITUS_PG_CONFIG has no extension citus."
CLUSTER_PROGRAMS=$("$CITUS_PG_CONFIG" --bindir)
export CLUSTER_PROGRAMS

step() { printf '==> %s\n' "$*"; }

step 'Building'
"$swift" build --product redress
redress=$("$swift" build --show-bin-path)/redress

folder=.citus
nodes='plain coordinator worker1 worker2'
stopped=
finish() {
  # A process that is stopped cannot end.
  if [ -n "$stopped" ]; then kill -CONT "$stopped"; fi
  for node in $nodes; do .make/cluster.sh destroy "$folder/$node"; done
  rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
finish
mkdir -p "$folder"

database=month
# on NODE COMMAND…: runs the command with the node as its server.
on() {
  local node=$1
  shift
  (
    eval "$(.make/cluster.sh status "$folder/$node")"
    export PGHOST PGPORT PGUSER PGDATABASE=$database PATH="$PGPROGRAMS:$PATH"
    "$@"
  )
}
sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }
socket() { on "$1" printenv PGHOST; }

# as ROLE COMMAND…: runs the command as a user who has the rights of redress_ROLE and no others.
as() {
  local role=$1
  shift
  PGUSER=only_$role "$@"
}

# create_database NODE…: on these nodes, which are one database if there are several.
create_database() {
  local node
  for node in "$@"; do
    on "$node" sql -d postgres -c "CREATE DATABASE $database ENCODING 'UTF8' TEMPLATE template0"
    if [ "$node" != plain ]; then on "$node" sql -c 'CREATE EXTENSION citus'; fi
  done
  [ "$1" != plain ] || return 0
  on "$1" sql -c "SELECT citus_set_coordinator_host('$(socket "$1")', 5432)" > "$folder/nodes.log"
  for node in "${@:2}"; do
    on "$1" sql -c "SELECT citus_add_node('$(socket "$node")', 5432)" >> "$folder/nodes.log"
  done
}

step 'Starting a plain server and three nodes'
for node in $nodes; do
  settings='-c max_prepared_transactions=200'
  if [ "$node" != plain ]; then settings="$settings -c shared_preload_libraries=citus -c citus.shard_count=8"; fi
  CLUSTER_SETTINGS=$settings .make/cluster.sh start-volatile "$folder/$node" > "$folder/$node.log"
done
create_database plain
create_database coordinator worker1 worker2

# keep NAME COMMAND…: keeps what the command says and how it ends.
keep() {
  local name=$1 status=0
  shift
  "$@" > "$out/$name.out" 2> "$out/$name.err" || status=$?
  printf '%s\n' "$status" > "$out/$name.status"
  case $status in
    0 | 2 | 3) ;;
    *)
      printf '%s: exit code %s\n' "$name" "$status" >&2
      cat "$out/$name.err" >&2
      printf '%s\n' "$name" >> "$folder/failed"
      ;;
  esac
}

place() {
  sql -c "SELECT * FROM redress.place_on_invoice('$1', '$2', '$3', $4)" \
    | sed -E 's/[0-9-]{10} [0-9:.]+\+00/AT/'
}
release() { sql -c "SELECT * FROM redress.release_invoice('$1')" | sed -E 's/[0-9-]{10} [0-9:.]+\+00/AT/'; }

# A run that is killed when it has sent everything and not committed.
kill_a_run() {
  PGAPPNAME=holder sql -c 'BEGIN; LOCK TABLE redress.run IN SHARE MODE; SELECT pg_sleep(60)' > "$out/holder.log" 2>&1 &
  local holder=$! run
  sleep 1
  PGUSER=only_job "$redress" run --as-of 2026-11-04T04:30:00Z --output "$out/files" > "$out/killed.log" 2>&1 &
  run=$!
  until [ "$(sql -c 'SELECT count(*) FROM pg_locks WHERE NOT granted')" != 0 ]; do
    kill -0 "$run" || break
    sleep 0.1
  done
  # The shell says by its number which of its children was killed.
  {
    kill -KILL "$run"
    wait "$run" || true
  } 2> /dev/null
  sql -c "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'holder'"
  wait "$holder" || true
  until [ "$(sql -c "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")" = 0 ]; do sleep 0.1; done
  sql -c 'SELECT max(run_id) FROM redress.run'
}

# make_month OPTION…: the ledger, the users and the rows of the source.
make_month() {
  local role file
  "$redress" migrate --with-source-tables "$@"
  sql -c "UPDATE redress.ledger SET ledger_id = '00000000-0000-0000-0000-000000000001'"
  for role in job invoicing reader; do
    sql -c "DO \$\$ BEGIN CREATE ROLE only_$role LOGIN IN ROLE redress_$role;
      EXCEPTION WHEN duplicate_object THEN NULL; END \$\$"
  done
  for file in fixtures/demo-month/*.csv; do
    sql -c "\\copy redress_source.$(basename "$file" .csv) ($(head -n 1 "$file")) FROM '$file' CSV HEADER"
  done
}

# may_hold ROLE…: lets these hold commits.
may_hold() { sql -c "GRANT EXECUTE ON FUNCTION redress.hold_commits() TO $1"; }

# month NAME OPTION…: the month, with everything that the program can say of it. Whoever GRANTED names may hold commits.
month() {
  out=$folder/out-$1
  mkdir -p "$out/files" "$out/dry" "$out/notices"
  shift
  make_month "$@" > "$out/migrate.log"
  if [ -n "${GRANTED:-}" ]; then may_hold "$GRANTED"; fi
  keep check as job "$redress" check --as-of 2026-11-02T04:30:00Z --format jsonl
  keep dry as job "$redress" run --as-of 2026-11-02T04:30:00Z --dry-run --output "$out/dry"
  keep run-1 as job "$redress" run --as-of 2026-11-02T04:30:00Z --output "$out/files"
  sql -c "UPDATE redress_source.outage SET ended_at = '2026-10-20 16:00:01+00' WHERE incident_id = 'INC-2034'" \
    -c "UPDATE redress_source.incident SET status = 'void' WHERE incident_id = 'INC-2036'"
  keep run-2 as job "$redress" run --as-of 2026-11-03T04:30:00Z --output "$out/files"
  keep place as invoicing place X-1 CUS-1002 USD 100
  keep place-again as invoicing place X-1 CUS-1002 USD 100
  keep release as invoicing release X-1
  keep release-run as invoicing release "$(sql -c 'SELECT min(invoice_id) FROM redress.invoice_adjustment WHERE run_id = 1')"
  sql -c "UPDATE redress_source.incident SET status = 'void' WHERE incident_id = 'INC-2038'"
  keep killed kill_a_run
  keep run-3 as job "$redress" run --as-of 2026-11-04T04:30:00Z --output "$out/files"
  # By then October is a month of which only what is open is read.
  keep run-4 as job "$redress" run --as-of 2027-03-02T04:30:00Z --output "$out/files"
  keep run-5 as job "$redress" run --as-of 2027-03-03T04:30:00Z --output "$out/files"
  keep verify as reader "$redress" verify --output "$out/files"
  keep verify-since as reader "$redress" verify --since 3
  for run in 1 2 3 4; do
    for format in csv jsonl xlsx html; do
      mkdir -p "$out/report-$run-$format"
      keep "report-$run-$format" as reader "$redress" report --run "$run" --format "$format" --output "$out/report-$run-$format"
    done
  done
  keep report-month as reader "$redress" report --month 2026-10
  keep audit as job "$redress" audit --month 2026-10 --as-of 2026-11-02T04:30:00Z
  keep notices as job "$redress" notices --run 1 --output "$out/notices"
  keep explain-customer as job "$redress" explain --customer CUS-1002 --as-of 2026-11-02T04:30:00Z
  keep explain-recorded as reader "$redress" explain --customer CUS-1002 --as-of 2026-11-02T04:30:00Z
  keep explain-incident as job "$redress" explain INC-2041
  "$redress" policy show > "$out/policy.yaml"
  keep simulate as job "$redress" simulate --policy "$out/policy.yaml" --month 2026-10 --as-of 2026-11-02T04:30:00Z
  for table in credit invoice_adjustment recorded_month carried_forward finding; do
    keep "table-$table" as reader sql -c "SELECT to_jsonb(r) - 'placed_at' FROM redress.$table AS r ORDER BY 1"
  done
}

step 'The month on one server'
on plain month plain
step 'The month on three nodes'
on coordinator month citus --distributed
on coordinator "$redress" migrate --distributed | grep -q 'distributed already'

step 'The month on three nodes, seen as of one moment'
database=moment
create_database coordinator worker1 worker2
GRANTED='redress_job, redress_reader' on coordinator month moment --distributed
database=month

# Invoicing through one node waits for a run on another.
step 'Locks'
on coordinator sql -c 'BEGIN' -c 'SELECT redress.try_run_lock(), redress.keep_invoicing_out()' -c 'SELECT pg_sleep(3)' \
  -c 'COMMIT' > "$folder/locks.log" &
sleep 1
waited=$(on worker1 as invoicing sql -c 'BEGIN' \
  -c "SELECT count(*) FROM redress.place_on_invoice('X-9', 'CUS-1002', 'USD', 1)" \
  -c 'SELECT extract(epoch FROM clock_timestamp() - now()) > 1.5' -c 'ROLLBACK' | tail -n 1)
wait
if [ "$waited" != t ]; then
  printf 'a placement through a worker does not wait for a run on the coordinator\n' >&2
  exit 1
fi

step 'Comparing'
# What is another each time: the hour of writing, the record that has it, where a server is.
comparable() {
  find "$1" -type f ! -name '*.log' ! -name '*.xlsx' -exec sed -i -E \
    -e "s#$1#OUT#g" -e '/"(started_at|finished_at|record)":/d' -e '/<dt>Written</d' -e '/"section":"(connection|server)"/d' {} +
  rm -f "$1"/*.log
}
for out in plain citus moment; do comparable "$folder/out-$out"; done
for out in citus moment; do
  diff -r "$folder/out-plain" "$folder/out-$out" || printf '%s\n' "$out" >> "$folder/failed"
done
if [ ! -e "$folder/failed" ]; then
  step "$(find "$folder/out-citus" -type f | wc -l) files are the same on one server and, twice, on three nodes"
else
  step 'Something differs, or failed'
  exit 1
fi

. .make/citus-edits.sh
