#!/usr/bin/env bash
# Puts the built program and what belongs to it under DESTDIR/PREFIX, or removes it there, with sudo where that folder
# is not the caller's. Usage: PREFIX=/usr/local DESTDIR= RELEASE='…' .make/place.sh install|uninstall
set -euo pipefail
cd "$(dirname "$0")/.."
root=${DESTDIR:-}$PREFIX
files=(
  bin/redress
  share/man/man1/redress.1
  share/bash-completion/completions/redress
  share/zsh/site-functions/_redress
  share/fish/vendor_completions.d/redress.fish
  lib/systemd/system/redress.service
  lib/systemd/system/redress.timer
)

# The nearest folder that is there already says whose it is.
folder=$root
while [ ! -d "$folder" ]; do folder=$(dirname "$folder"); done
as_root=()
if [ ! -w "$folder" ]; then as_root=(sudo); fi

case $1 in
  install)
    # shellcheck disable=SC2086 # RELEASE is a list of options
    redress=$("${SWIFT:-swift}" build $RELEASE --show-bin-path)/redress
    stage=.build/stage
    rm -rf "$stage"
    for file in "${files[@]}"; do mkdir -p "$stage/${file%/*}"; done
    # A quarter of the program is symbols, which nobody needs who does not debug it.
    strip -o "$stage/bin/redress" "$redress"
    cp .build/manual/redress.1 "$stage/share/man/man1/"
    "$redress" --generate-completion-script bash >"$stage/share/bash-completion/completions/redress"
    "$redress" --generate-completion-script zsh >"$stage/share/zsh/site-functions/_redress"
    "$redress" --generate-completion-script fish >"$stage/share/fish/vendor_completions.d/redress.fish"
    sed "s|@PREFIX@|$PREFIX|g" .packaging/systemd/redress.service \
      >"$stage/lib/systemd/system/redress.service"
    cp .packaging/systemd/redress.timer "$stage/lib/systemd/system/"
    for file in "${files[@]}"; do
      mode=644
      if [ "$file" = bin/redress ]; then mode=755; fi
      "${as_root[@]}" install -D -m "$mode" "$stage/$file" "$root/$file"
    done
    printf 'Installed %s, its manual page, completions and systemd units (not enabled).\n' \
      "$root/bin/redress"
    ;;
  uninstall)
    "${as_root[@]}" rm -f "${files[@]/#/$root/}"
    printf 'Removed redress from %s.\n' "$root"
    ;;
  *)
    printf 'usage: %s install|uninstall\n' "$0" >&2
    exit 64
    ;;
esac
