#!/bin/sh
# A private PostgreSQL cluster in a folder: Unix socket only, no TCP, durable settings on.
#
#   cluster.sh start FOLDER     creates the cluster if there is none, starts it if it is down, prints PGHOST=… lines
#   cluster.sh start-volatile FOLDER
#                               the same for data that nobody will miss when the machine goes down, as those of tests:
#                               nothing waits for the disk, and a new cluster lies in memory where there is room
#   cluster.sh status FOLDER    prints the same lines if it runs; exit code 3 if it does not
#   cluster.sh stop FOLDER      stops it; nothing happens if it does not run
#   cluster.sh destroy FOLDER   stops it and removes all that start made
#
# CLUSTER_PROGRAMS names the folder of another PostgreSQL's programs, and CLUSTER_SETTINGS has further options for it.
#
# Use:  eval "$(.make/cluster.sh start .test/cluster)"
#
# PostgreSQL refuses to run as root, so root hands it to another user, whose data folder must not lie below a folder
# that is closed to it. A socket's path has at most 107 bytes. Where FOLDER cannot be used for one of these reasons,
# data or socket are put elsewhere; FOLDER/data and FOLDER/socket are then files that say where.
set -eu
umask 022

say() { printf 'cluster: %s\n' "$*" >&2; }
die() {
  say "$*"
  exit 1
}

[ $# -eq 2 ] || die "usage: cluster.sh start|start-volatile|stop|status|destroy FOLDER"
command=$1
case $2 in
  /*) folder=$2 ;;
  *) folder=$(pwd -P)/$2 ;;
esac

# The newest PostgreSQL installed as Debian does, or else the one in PATH.
find_programs() {
  if [ -n "${CLUSTER_PROGRAMS:-}" ]; then
    printf '%s' "$CLUSTER_PROGRAMS"
    return
  fi
  newest=$(
    for program in /usr/lib/postgresql/*/bin/initdb /usr/pgsql-*/bin/initdb; do
      [ -x "$program" ] || continue
      version=${program%/bin/initdb}
      printf '%s %s\n' "${version##*[/-]}" "${program%/initdb}"
    done | sort -n | tail -n 1 | cut -d ' ' -f 2-
  )
  if [ -z "$newest" ]; then
    newest=$(command -v initdb) || die "no PostgreSQL server found; on Debian: apt-get install postgresql"
    newest=$(dirname "$(readlink -f "$newest")")
  fi
  printf '%s' "$newest"
}

# The user that the server runs as.
find_user() {
  if [ "$(id -u)" -ne 0 ]; then
    id -un
  elif id postgres > /dev/null 2>&1; then
    printf postgres
  else
    printf nobody
  fi
}

as_owner() {
  if [ "$(id -u)" -eq 0 ]; then
    (cd / && exec setpriv --reuid="$owner" --regid="$(id -g "$owner")" --clear-groups \
      env -u PGDATA -u PGHOST -u PGPORT HOME=/ "$@")
  else
    (cd / && exec env -u PGDATA -u PGHOST -u PGPORT "$@")
  fi
}

# Whether the server's user can reach what lies in the folder.
is_open() {
  path=$1
  while [ ! -e "$path" ]; do path=$(dirname "$path"); done
  as_owner test -x "$path" 2> /dev/null
}

# Whether the folder is there and belongs to the server's user.
is_own() { [ -d "$1" ] && [ ! -L "$1" ] && [ "$(stat -c %U "$1")" = "$owner" ]; }

# Whether a cluster may lie in memory. A container often has 64 MB there, and a small machine needs its memory.
has_room_in_memory() {
  [ "$(stat -f -c %T /dev/shm 2> /dev/null)" = tmpfs ] && [ -w /dev/shm ] || return 1
  [ "$(df -Pk /dev/shm | awk 'NR == 2 { print $4 }')" -ge 4000000 ] \
    && [ "$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)" -ge 8000000 ]
}

place_data() {
  if [ -f "$folder/data" ]; then
    cat "$folder/data"
  else
    printf '%s' "$folder/data"
  fi
}

place_socket() {
  if [ -f "$folder/socket" ]; then
    cat "$folder/socket"
  else
    printf '%s' "$folder/socket"
  fi
}

# A process is ours if it runs, is a postgres, and works in the data folder: after a crash or a restart of the machine
# the number in postmaster.pid may be anybody's.
running_pid() {
  [ -f "$data/postmaster.pid" ] || return 1
  pid=$(head -n 1 "$data/postmaster.pid" 2> /dev/null) || return 1
  case $pid in
    '' | *[!0-9]*) return 1 ;;
  esac
  [ "$(readlink "/proc/$pid/cwd" 2> /dev/null)" = "$(readlink -f "$data")" ] || return 1
  printf '%s' "$pid"
}

is_ready() {
  running_pid > /dev/null && as_owner "$programs/pg_isready" -q -h "$socket" -U postgres -d postgres
}

print_variables() {
  printf 'PGHOST=%s\nPGPORT=5432\nPGUSER=postgres\nPGDATABASE=postgres\n' "$socket"
  printf 'export PGHOST PGPORT PGUSER PGDATABASE\n'
  # Where the server's own psql is. The one in Debian's /usr/bin is a script that looks for it each time.
  printf 'PGPROGRAMS=%s\n' "$programs"
}

create() {
  mkdir -p "$folder"
  if [ "$(id -u)" -eq 0 ]; then chmod 711 "$folder"; fi
  if [ -f "$folder/data" ] && ! is_own "$(cat "$folder/data")"; then
    # In memory, and gone with it.
    rm -f "$folder/data"
  fi
  if [ ! -e "$folder/data" ]; then
    if [ "$is_volatile" = yes ] && has_room_in_memory; then
      data=$(mktemp -d /dev/shm/redress-XXXXXX)/data
      chmod 711 "${data%/data}"
      printf '%s' "$data" > "$folder/data"
    elif is_open "$folder"; then
      data=$folder/data
    else
      # Below /var/tmp, which outlives a restart of the machine.
      data=$(mktemp -d /var/tmp/redress-XXXXXX)/data
      chmod 711 "${data%/data}"
      printf '%s' "$data" > "$folder/data"
      say "$folder is closed to user $owner; the data are in $data"
    fi
  fi
  if [ -f "$folder/socket" ] && ! is_own "$(cat "$folder/socket")"; then
    # /tmp is emptied when the machine restarts, and anybody may take the name then.
    rm -f "$folder/socket"
  fi
  if [ ! -e "$folder/socket" ]; then
    # The path of the socket itself is 15 bytes longer: /.s.PGSQL.5432; its lock file is longer still.
    long=$folder/socket/.s.PGSQL.5432
    # PostgreSQL takes a list of folders, separated by commas.
    case $long in
      *[!A-Za-z0-9/._-]*) is_plain=no ;;
      *) is_plain=yes ;;
    esac
    if is_open "$folder" && [ "$is_plain" = yes ] && [ "${#long}" -le 100 ]; then
      socket=$folder/socket
      mkdir -p "$socket"
    else
      socket=$(mktemp -d /tmp/redress-XXXXXX)
      printf '%s' "$socket" > "$folder/socket"
    fi
  fi
  socket=$(place_socket)
  data=$(place_data)
  # Root goes everywhere; nobody else than the server's user gets in.
  chmod 700 "$socket"
  if [ "$(id -u)" -eq 0 ]; then chown "$owner" "$socket"; fi

  if [ ! -f "$data/PG_VERSION" ] || [ ! -f "$data/.complete" ]; then
    rm -rf "$data"
    mkdir -p "$data"
    if [ "$(id -u)" -eq 0 ]; then chown "$owner" "$data"; fi
    # Who can reach the socket may connect: its folder is closed to everybody else.
    for locale in C.UTF-8 C; do
      if as_owner "$programs/initdb" -D "$data" -U postgres -E UTF8 --locale="$locale" \
        --auth-local=trust --auth-host=reject > "$folder/initdb.log" 2>&1; then
        break
      fi
      [ "$locale" = C.UTF-8 ] || {
        cat "$folder/initdb.log" >&2
        die "initdb failed"
      }
      rm -rf "$data"
      mkdir -p "$data"
      if [ "$(id -u)" -eq 0 ]; then chown "$owner" "$data"; fi
    done
    as_owner tee -a "$data/postgresql.conf" > /dev/null << CONF

# A private cluster: reached through its socket alone.
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 400
shared_buffers = 256MB
max_wal_size = 4GB
fsync = on
synchronous_commit = on
full_page_writes = on
timezone = 'UTC'
log_timezone = 'UTC'
CONF
    as_owner touch "$data/.complete"
  fi
}

launch() {
  # Left by a server that was killed; PostgreSQL only removes it where no process has the number.
  rm -f "$data/postmaster.pid" "$socket/.s.PGSQL.5432" "$socket/.s.PGSQL.5432.lock"
  as_owner "$programs/pg_ctl" -D "$data" -s -w -t 60 -l "$data/server.log" \
    -o "-c unix_socket_directories='$socket' -c port=5432 $settings" start > /dev/null \
    || {
      tail -n 20 "$data/server.log" >&2
      die "the server did not start"
    }
}

start() {
  create
  if ! is_ready; then
    # A running server whose socket was swept away can only be started again.
    [ -S "$socket/.s.PGSQL.5432" ] || stop
    attempts=0
    until is_ready; do
      # Also where one that was told to stop has only now come to its end.
      if ! running_pid > /dev/null; then launch; fi
      attempts=$((attempts + 1))
      [ "$attempts" -lt 300 ] || die "the server in $data does not answer; see $data/server.log"
      sleep 0.1
    done
  fi
}

stop() {
  if pid=$(running_pid); then
    as_owner "$programs/pg_ctl" -D "$data" -s -w -t 60 -m fast stop \
      || {
        kill -QUIT "$pid"
        sleep 1
      }
  fi
}

is_volatile=no
settings=
if [ "$command" = start-volatile ]; then
  is_volatile=yes
  # What a session sees of durability stays: synchronous_commit is on.
  # Prepared transactions stand for a node that has not committed yet.
  settings='-c fsync=off -c full_page_writes=off -c max_wal_size=512MB -c max_prepared_transactions=20'
fi
settings="$settings ${CLUSTER_SETTINGS:-}"
owner=$(find_user)
programs=$(find_programs)
data=$(place_data)
socket=$(place_socket)

# Two calls at once must not create the cluster twice.
if command -v flock > /dev/null 2>&1 && [ "${REDRESS_CLUSTER_LOCKED:-}" != "$folder" ]; then
  case $command in
    start | start-volatile | stop | destroy)
      mkdir -p "$(dirname "$folder")"
      REDRESS_CLUSTER_LOCKED=$folder exec flock -o "$folder.lock" "$0" "$command" "$folder"
      ;;
  esac
fi

if [ -d "$data" ] && ! is_own "$data"; then
  die "$data belongs to $(stat -c %U "$data"), not to $owner: run this as the user who made it"
fi

case $command in
  start | start-volatile)
    start
    print_variables
    ;;
  status)
    if is_ready; then print_variables; else exit 3; fi
    ;;
  stop)
    stop
    ;;
  destroy)
    stop
    if [ -f "$folder/data" ]; then
      rm -rf "$data"
      rmdir "${data%/data}" 2> /dev/null || true
    fi
    if [ -f "$folder/socket" ]; then rm -rf "$socket"; fi
    rm -rf "$folder" "$folder.lock"
    ;;
  *)
    die "usage: cluster.sh start|start-volatile|stop|status|destroy FOLDER"
    ;;
esac
