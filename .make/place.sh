#!/usr/bin/env bash
# Puts the built program and what belongs to it under DESTDIR/PREFIX, or removes it there.
# Usage: PREFIX=/usr/local DESTDIR= RELEASE='…' .make/place.sh install|uninstall
set -euo pipefail
cd "$(dirname "$0")/.."
root=${DESTDIR:-}$PREFIX
share=$root/share
units=$root/lib/systemd/system

case $1 in
  install)
    # shellcheck disable=SC2086 # RELEASE is a list of options
    redress=$("${SWIFT:-swift}" build $RELEASE --show-bin-path)/redress
    install -D -m 755 "$redress" "$root/bin/redress"
    for page in .build/manual/*.1; do
      install -D -m 644 "$page" "$share/man/man1/${page##*/}"
    done
    completion() { # SHELL FILE
      mkdir -p "${2%/*}"
      "$redress" --generate-completion-script "$1" >"$2"
      chmod 644 "$2"
    }
    completion bash "$share/bash-completion/completions/redress"
    completion zsh "$share/zsh/site-functions/_redress"
    completion fish "$share/fish/vendor_completions.d/redress.fish"
    mkdir -p "$units"
    sed "s|@PREFIX@|$PREFIX|g" .packaging/systemd/redress.service >"$units/redress.service"
    cp .packaging/systemd/redress.timer "$units/redress.timer"
    chmod 644 "$units"/redress.{service,timer}
    printf 'Installed %s/bin/redress, its man pages, completions and systemd units (not enabled).\n' "$root"
    ;;
  uninstall)
    rm -f "$root/bin/redress" "$share"/man/man1/redress.1 "$share"/man/man1/redress.*.1 \
      "$share/bash-completion/completions/redress" "$share/zsh/site-functions/_redress" \
      "$share/fish/vendor_completions.d/redress.fish" "$units"/redress.{service,timer}
    printf 'Removed redress from %s.\n' "$root"
    ;;
  *)
    printf 'usage: %s install|uninstall\n' "$0" >&2
    exit 64
    ;;
esac
