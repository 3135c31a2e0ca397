#!/usr/bin/env bash
# Installs the Debian packages that are missing for what is about to be done, and says so; with nothing missing it
# is silent. Usage: .make/install.sh GROUP..., where GROUP is one of
#   build   the Swift toolchain (checked, never installed) and the headers of libpq, libcurl, libxlsxwriter and zlib
#   server  a PostgreSQL server, without the cluster that Debian would create and start for it
#   office  LibreOffice without its windows: 90 MB to fetch, 20 seconds
#   pooler  pgbouncer, which the tests start themselves
#   books   hledger and beancount, which read the journals
#   mail    Python, whose mail reader reads the tests' notices and which plays other systems, and openssl for their certificates
#   lint    shellcheck
#   bench   the time command, which knows peak memory
#   browser a browser that runs without a screen, for the tests of the pages
set -euo pipefail

say() { printf '==> %s\n' "$*"; }
fail() {
  printf 'make: %s\n' "$@" >&2
  exit 1
}

missing=()
need() { # PACKAGE COMMAND...: the package is missing where the command fails
  local package=$1
  shift
  "$@" >/dev/null 2>&1 || missing+=("$package")
}
server_is_there() {
  command -v initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb'
}
pooler_is_there() {
  command -v pgbouncer || test -x /usr/sbin/pgbouncer
}
header_is_there() {
  [ -n "$(find /usr/include /usr/local/include -name "$1" -print -quit)" ]
}

for group in "$@"; do
  case $group in
    build)
      command -v "${SWIFT:-swift}" >/dev/null || fail \
        'the Swift toolchain is not on the PATH; Redress needs Swift 6.2 or later.' \
        'Install it from https://www.swift.org/install/linux, or name it: make SWIFT=/path/to/swift …'
      need libpq-dev header_is_there libpq-fe.h
      need libcurl4-openssl-dev header_is_there curl.h
      need libxlsxwriter-dev header_is_there xlsxwriter.h
      need zlib1g-dev header_is_there zlib.h
      need pkg-config command -v pkg-config
      need git command -v git
      ;;
    server)
      need postgresql server_is_there
      need postgresql-client command -v psql
      ;;
    office) need libreoffice-calc-nogui command -v soffice ;;
    pooler) need pgbouncer pooler_is_there ;;
    mail)
      need python3 command -v python3
      need openssl command -v openssl
      ;;
    books)
      need hledger command -v hledger
      need beancount command -v bean-check
      ;;
    lint) need shellcheck command -v shellcheck ;;
    bench) need time test -x /usr/bin/time ;;
    browser)
      need chromium command -v chromium
      need fonts-dejavu-core test -d /usr/share/fonts/truetype/dejavu
      ;;
    *) fail "unknown group of packages: $group" ;;
  esac
done
[ ${#missing[@]} -gt 0 ] || exit 0

command -v apt-get >/dev/null || fail \
  "missing: ${missing[*]} (Debian's names), and there is no apt-get here." \
  'Install the same for your system and try again.'
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || fail \
    "missing: ${missing[*]}. Run as root, or install sudo, or: apt-get install ${missing[*]}"
  as_root=(sudo)
fi
# apt talks a lot; what it said is shown only where it failed.
log=$(mktemp)
apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o Dpkg::Use-Pty=0 "$@" \
    >>"$log" 2>&1
}
no_cluster=/etc/postgresql-common/createcluster.d/redress-no-cluster.conf
no_service=/usr/sbin/policy-rc.d
made_no_service=
finish() {
  local status=$?
  [ ! -e "$no_cluster" ] || "${as_root[@]}" rm -f "$no_cluster"
  [ -z "$made_no_service" ] || "${as_root[@]}" rm -f "$no_service"
  if [ "$status" -ne 0 ]; then
    cat "$log" >&2
    printf 'make: could not install %s\n' "${missing[*]}" >&2
  fi
  rm -f "$log"
  exit "$status"
}
trap finish EXIT

say "Installing ${missing[*]} with ${as_root[*]:+sudo }apt-get"
if ! compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null; then
  apt update
fi

# Debian's server package creates a cluster that listens on TCP and starts at boot. Nobody asked for one here.
if [[ " ${missing[*]} " == *' postgresql '* ]]; then
  "${as_root[@]}" mkdir -p "${no_cluster%/*}"
  echo 'create_main_cluster = false' | "${as_root[@]}" tee "$no_cluster" >/dev/null
fi
# Nor a pooler that does. What Debian asks before it starts a service says no for as long as this script runs.
if [[ " ${missing[*]} " == *' pgbouncer '* ]]; then
  if [ ! -e "$no_service" ]; then
    made_no_service=yes
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$no_service" >/dev/null
    "${as_root[@]}" chmod +x "$no_service"
  fi
fi

# Lists may name versions that the mirror no longer has; fetching them anew mends that.
apt install --no-install-recommends "${missing[@]}" || {
  apt update
  apt install --no-install-recommends "${missing[@]}"
}
if [[ " ${missing[*]} " == *' pgbouncer '* ]] && command -v systemctl >/dev/null; then
  "${as_root[@]}" systemctl --quiet disable pgbouncer >>"$log" 2>&1 || true
fi
