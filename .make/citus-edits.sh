# shellcheck shell=bash
# Edits beside a run on three nodes. A part of citus-test.sh, which has started them.
#
# The edit is one transaction that gives a subscription from a customer on the second worker to one on the first.

# shellcheck disable=SC2034,SC2154
database=edits
step 'Edits beside a run'
create_database coordinator worker1 worker2
on coordinator make_month --distributed > "$folder/edits.log"

fail() {
  printf '%s\n' "$*" >&2
  head -n 20 "$folder"/session*.log >&2
  exit 1
}

# await NODE QUERY: until it says t.
await() {
  local tries=0
  until [ "$(on "$1" sql -c "$2")" = t ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || fail "waited in vain on $1 for: $2"
    sleep 0.02
  done
}

# A session that is told what to do line by line: open_session NUMBER NODE, tell NUMBER LINE. The number is that of a file.
open_session() {
  mkfifo "$folder/session$1"
  PGAPPNAME=session$1 on "$2" sql < "$folder/session$1" > "$folder/session$1.log" 2>&1 &
  eval "exec $1> '$folder/session$1'"
}
tell() { printf '%s\n' "$2" >&"$1"; }
close_session() {
  # Where it has ended by itself nobody reads that.
  (tell "$1" '\q') 2> /dev/null || true
  eval "exec $1>&-"
  rm "$folder/session$1"
}

# dry_run NAME: what a run would do, and what it says.
dry_run() {
  rm -rf "${folder:?}/$1"
  mkdir -p "$folder/$1"
  on coordinator as job "$redress" run --verbose --dry-run --as-of 2026-11-02T04:30:00Z --output "$folder/$1" \
    > "$folder/$1.log" 2>&1 7>&- 8>&- 9>&-
}
# expect NAME STATE: what the run would do is what it would in that state of the source.
expect() {
  cmp "$folder/$2"/credits-dry-run-*.csv "$folder/$1"/credits-dry-run-*.csv || fail "$1 is not of $2 the edit"
}
says() { grep -q "$2" "$folder/$1.log" || fail "$1 does not say: $2"; }
says_not() { ! grep -q "$2" "$folder/$1.log" || fail "$1 says: $2"; }
finished() {
  local status=0
  wait "$1" || status=$?
  [ "$status" -eq 3 ] || fail "$2 ended with exit code $status: $(cat "$folder/$2.log")"
}

# give NUMBER CUSTOMER: the session gives the subscription to the customer, and does not commit yet.
give() {
  tell "$1" "BEGIN; DELETE FROM redress_source.subscription_term WHERE subscription_id = 'SUB-1001-2';
    INSERT INTO redress_source.subscription_term
    VALUES ('SUB-1001-2', '$2', 'SVC-SIGNIN', 'platinum', 900, 'USD', '2025-02-01T00:00:00Z', NULL); -- given"
  await coordinator "SELECT count(*) = 1 FROM pg_stat_activity
    WHERE application_name = 'session$1' AND state = 'idle in transaction' AND query LIKE 'INSERT%'"
}
belongs_to() {
  await coordinator "SELECT count(*) = 1 FROM redress_source.subscription_term
    WHERE subscription_id = 'SUB-1001-2' AND customer_id = '$1'"
}
node_of() {
  on coordinator sql -c "SELECT nodename FROM pg_dist_placement JOIN pg_dist_node USING (groupid)
    WHERE shardid = get_shard_id_for_distribution_column('redress_source.subscription_term', '$1')"
}
[ "$(node_of CUS-1001) $(node_of CUS-1002)" = "$(socket worker2) $(socket worker1)" ] \
  || fail 'the customers of the edit are not on the nodes that it needs'
# What a run would do before the edit and after it.
open_session 7 coordinator
dry_run before || true
give 7 CUS-1002
tell 7 'COMMIT;'
belongs_to CUS-1002
dry_run after || true
give 7 CUS-1001
tell 7 'COMMIT;'
belongs_to CUS-1001
! cmp -s "$folder"/before/credits-dry-run-*.csv "$folder"/after/credits-dry-run-*.csv || fail 'the edit changes nothing'

# lock_shard NUMBER RELATION: asks for a lock that keeps readers of a part on the first worker waiting, for four seconds at most.
lock_shard() {
  local shard
  shard=$(on coordinator sql -c "SELECT shard_name FROM citus_shards
    WHERE table_name = '$2'::regclass AND nodename = '$(socket worker1)' ORDER BY 1 LIMIT 1")
  open_session "$1" worker1
  tell "$1" "SET citus.enable_manual_changes_to_shards = on; SET lock_timeout = '4s'; BEGIN;
    LOCK TABLE $shard IN ACCESS EXCLUSIVE MODE;"
  await worker1 "SELECT count(*) = 1 FROM pg_locks WHERE relation = '$shard'::regclass AND mode = 'AccessExclusiveLock'"
}
# stop_in_the_middle NAME: begins a run in the background, which waits when its first session has looked at every
# relation and no other session has begun.
stop_in_the_middle() {
  lock_shard 8 redress.invoice_line
  dry_run "$1" &
  run=$!
  await worker1 "SELECT count(*) = 1 FROM pg_locks WHERE NOT granted"
}

# Not granted. Of the sessions that follow, the second reads the terms. It reads the second worker before the edit, and the
# first one, which takes no connection for a while, after it. The run sees that at its end.
give 7 CUS-1002
stop_in_the_middle torn
lock_shard 9 redress_source.customer
close_session 8
await worker1 "SELECT count(*) = 1 FROM pg_locks WHERE NOT granted AND mode = 'AccessShareLock'"
stopped=$(on worker1 sql -c "SELECT split_part(pg_read_file('postmaster.pid'), E'\n', 1)")
kill -STOP "$stopped"
await worker2 "SELECT count(*) > 0 FROM pg_stat_activity
  WHERE state = 'idle in transaction' AND query LIKE '%subscription_term%' AND query LIKE '%valid_from%'"
tell 7 'COMMIT;'
await coordinator "SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'session7' AND state = 'idle'"
kill -CONT "$stopped"
stopped=
close_session 9
finished "$run" torn
says torn 'because this user may not hold commits'
says torn 'the run begins again'
expect torn after
give 7 CUS-1001
tell 7 'COMMIT;'
belongs_to CUS-1001

# Granted: the same edit at the same point is not seen at all.
on coordinator may_hold redress_job
give 7 CUS-1002
stop_in_the_middle whole
tell 7 'COMMIT;'
belongs_to CUS-1002
close_session 8
finished "$run" whole
says whole 'a run sees every node as of one moment'
says_not whole 'the run begins again'
expect whole before
give 7 CUS-1001
tell 7 'COMMIT;'
belongs_to CUS-1001

# And while commits are held on the first nodes and not yet on the last, it waits.
give 7 CUS-1002
open_session 8 worker2
tell 8 'BEGIN; LOCK TABLE pg_dist_transaction IN SHARE MODE;'
await worker2 "SELECT count(*) = 1 FROM pg_locks WHERE relation = 'pg_dist_transaction'::regclass AND mode = 'ShareLock'"
dry_run held &
run=$!
await worker1 "SELECT count(*) = 1 FROM pg_locks
  WHERE relation = 'pg_dist_transaction'::regclass AND mode = 'ExclusiveLock' AND granted"
tell 7 'COMMIT;'
await coordinator "SELECT count(*) = 1 FROM pg_locks JOIN pg_stat_activity USING (pid)
  WHERE NOT granted AND relation = 'pg_dist_transaction'::regclass AND application_name = 'session7'"
close_session 8
finished "$run" held
says held 'a run sees every node as of one moment'
says_not held 'the run begins again'
expect held before
belongs_to CUS-1002
step 'One edit over two nodes: seen torn and read again without the right, never torn with it'

# A node that has lost the end of a commit: what is prepared there is committed elsewhere.
on worker2 sql -c 'BEGIN' -c 'CREATE TABLE public.left_behind ()' -c "PREPARE TRANSACTION 'citus_left_behind'"
dry_run unfinished || true
says unfinished 'has prepared 1 transaction and not ended it'
on worker2 sql -c "ROLLBACK PREPARED 'citus_left_behind'"

# A commit that does not end.
open_session 8 worker2
tell 8 'BEGIN; LOCK TABLE pg_dist_transaction IN SHARE MODE;'
await worker2 "SELECT count(*) = 1 FROM pg_locks WHERE relation = 'pg_dist_transaction'::regclass AND mode = 'ShareLock'"
dry_run waiting || true
says waiting 'went on for more than 2 seconds'
expect waiting after
close_session 8
close_session 7

# Parts of a fee go from one node to the other and back, all the time. The sum of all fees is the same at any moment.
transfer() {
  local amount
  while [ -e "$folder/transferring" ]; do
    for _ in $(seq 50); do
      amount=$((RANDOM % 500))
      printf '%s\n' 'BEGIN;' \
        "UPDATE redress_source.subscription_term SET monthly_fee = monthly_fee - $amount
           WHERE customer_id = 'CUS-1001' AND subscription_id = 'SUB-1001-1';" \
        "UPDATE redress_source.subscription_term SET monthly_fee = monthly_fee + $amount
           WHERE customer_id = 'CUS-1002' AND subscription_id = 'SUB-1001-2';" 'COMMIT;'
      printf '%s\n' 'BEGIN;' \
        "UPDATE redress_source.subscription_term SET monthly_fee = monthly_fee + $amount
           WHERE customer_id = 'CUS-1001' AND subscription_id = 'SUB-1001-1';" \
        "UPDATE redress_source.subscription_term SET monthly_fee = monthly_fee - $amount
           WHERE customer_id = 'CUS-1002' AND subscription_id = 'SUB-1001-2';" 'COMMIT;'
    done
  done | on coordinator sql
}
sum_of_fees() { sed -n 's/.*"monthly_fees": {.*"USD": "\([0-9.]*\)".*/\1/p' "$folder/$1"/totals-dry-run-*.json; }
# right_sums COUNT: how many of so many runs beside transfers have the right sum.
right_sums() {
  local round right=0
  for round in $(seq "$1"); do
    dry_run sums || true
    if [ "$(sum_of_fees sums)" = "$(sum_of_fees before)" ]; then right=$((right + 1)); fi
  done
  printf '%s' "$right"
}
dry_run before || true
touch "$folder/transferring"
transfer &
writer=$!
rounds=12
with=$(right_sums "$rounds")
on coordinator sql -c 'REVOKE EXECUTE ON FUNCTION redress.hold_commits() FROM redress_job'
without=$(right_sums "$rounds")
rm "$folder/transferring"
wait "$writer"
step "Beside transfers between two nodes the sum of fees is right $with of $rounds times with the right, $without without"
[ "$with" -eq "$rounds" ] || fail 'a sum was wrong'
