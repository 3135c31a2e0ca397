#!/usr/bin/env bash
# The demo: a private PostgreSQL in .demo/, a month of outages, a run of the job, and a look at what came of it.
# Everything it makes is in .demo/ and .build/. Run again, it uses the same database, and the job finds nothing new.
set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
month=fixtures/demo-month
files=.demo/files
# Fixed, so that everybody sees the same month from the same night.
as_of=2026-11-02T04:30:00Z

step() { printf '\n==> %s\n' "$*"; }
query() { psql -X -q -v ON_ERROR_STOP=1 "$@"; }

step 'Building in release mode (the first time takes a few minutes)'
# shellcheck disable=SC2086 # RELEASE is a list of options
"$swift" build $RELEASE --product redress
# shellcheck disable=SC2086
redress=$("$swift" build $RELEASE --show-bin-path)/redress

step 'Starting a private PostgreSQL in .demo/ (Unix socket only)'
mkdir -p .demo
set -a
eval "$(.make/cluster.sh start .demo/cluster)"
set +a
if [ -z "$(query -d postgres -At -c "SELECT 1 FROM pg_database WHERE datname = 'redress'")" ]; then
  query -d postgres -c "CREATE DATABASE redress ENCODING 'UTF8' TEMPLATE template0"
fi
export PGDATABASE=redress

step 'Creating the tables: redress migrate --with-source-tables'
"$redress" migrate --with-source-tables

if [ "$(query -At -c 'SELECT count(*) FROM redress_source.customer')" = 0 ]; then
  step "Loading October 2026 from $month/"
  for file in "$month"/*.csv; do
    relation=$(basename "$file" .csv)
    query -c "\\copy redress_source.$relation ($(head -n 1 "$file")) FROM '$file' CSV HEADER"
    printf '  %-18s %5s rows\n' "$relation" "$(query -At -c "SELECT count(*) FROM redress_source.$relation")"
  done
else
  step 'The month is loaded already'
fi

step "Running the job as of $as_of: redress run"
mkdir -p "$files"
before=$(query -At -c 'SELECT count(*) FROM redress.credit')
status=0
"$redress" run --as-of "$as_of" --output "$files" || status=$?
case $status in
  0) ;;
  3) printf 'Exit code 3: done, and some rows of the source need a look (%s/findings-run-*.csv).\n' "$files" ;;
  *) exit "$status" ;;
esac
appended=$(($(query -At -c 'SELECT count(*) FROM redress.credit') - before))
if [ "$before" -gt 0 ] && [ "$appended" -eq 0 ]; then
  printf 'Nothing has changed since the last run, so nothing was appended.\n'
fi

step 'What customers are entitled to now (redress.entitlement)'
query -c "
  SELECT currency, severity, count(*) AS credits, sum(amount) AS amount,
         count(*) FILTER (WHERE open_minor > 0) AS waiting_for_an_invoice
  FROM redress.entitlement
  WHERE amount_minor > 0
  GROUP BY currency, severity
  ORDER BY currency, severity"

first=$(find "$files" -name 'credits-run-*.csv' | sort -V | head -n 1)
step "The first lines of $first (11 of its 28 columns)"
query <<SQL
CREATE TEMPORARY TABLE line ($(head -n 1 "$first" | tr -d '\r' | sed 's/,/ text, /g') text);
\\copy line FROM '$first' CSV HEADER
SELECT customer_id, left(regexp_replace(customer_name, '\\s+', ' ', 'g'), 24) AS customer_name, plan, incident_id,
       counted, tier, percent, amount, currency, invoice_id, kind
FROM line
LIMIT 12
SQL

cat <<TEXT
==> Try next
  eval "\$(.make/cluster.sh start .demo/cluster)"; export PGHOST PGUSER PGDATABASE=redress
  PATH=$(dirname "$redress"):\$PATH

  redress check                                  # is everything in order?
  redress report --month 2026-10                 # the month as it stands
  redress audit --month 2026-10                  # and what else was promised: kept or missed
  redress policy show                            # the promise, ready to edit
  psql                                           # look around: \\d redress.*  and  TABLE redress.open_credit;

  INC-2034 lasted exactly four hours, and a P1 has to last longer to earn a credit. Say that it was a second longer:
  psql -c "UPDATE redress_source.outage SET ended_at = ended_at + interval '1 second' WHERE incident_id = 'INC-2034'"
  redress run --as-of $as_of --output $files

  make demo-stop                                 # end the demo's PostgreSQL
  make demo-clean                                # and remove everything it made
TEXT
