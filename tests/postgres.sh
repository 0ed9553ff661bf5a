#!/usr/bin/env bash
# A PostgreSQL cluster of our own, in a folder of its own, reachable only by a Unix socket in that folder.
#
#   tests/postgres.sh
#
# Prints `ready FOLDER` when it answers, then runs until its standard input ends, whatever the reason
# (the starter finished, panicked or was killed), stops the cluster and removes the folder. Prints
# `missing REASON` when there is no PostgreSQL. Durable as in service (fsync on): the program refuses
# anything less.
set -euo pipefail

bin=
for candidate in /usr/lib/postgresql/15/bin /usr/lib/postgresql/*/bin /usr/pgsql-*/bin; do
  if [[ -x $candidate/initdb ]]; then bin=$candidate; break; fi
done
if [[ -z $bin ]] && command -v initdb >/dev/null && command -v pg_ctl >/dev/null; then
  bin=$(dirname "$(readlink -f "$(command -v initdb)")")
fi
if [[ -z $bin ]]; then
  echo "missing PostgreSQL (initdb) is not installed"
  exit 0
fi

folder=$(mktemp -d /tmp/chengxin-pg.XXXXXX)
# PostgreSQL refuses to run as root.
as_postgres=()
if [[ $(id -u) -eq 0 ]]; then
  if ! id postgres >/dev/null 2>&1; then
    rm -rf "$folder"
    echo "missing a user named postgres, as whom PostgreSQL could run"
    exit 0
  fi
  chown postgres "$folder"
  as_postgres=(runuser -u postgres --)
fi

stop() {
  trap - EXIT
  (cd / && "${as_postgres[@]}" "$bin/pg_ctl" -D "$folder/data" -m immediate -s stop) >/dev/null 2>&1 || true
  rm -rf "$folder"
}
trap stop EXIT
# A Ctrl-C at the terminal reaches us too; the cluster still has to be stopped in order.
trap '' INT

cd /
if ! { "${as_postgres[@]}" "$bin/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync &&
  "${as_postgres[@]}" "$bin/pg_ctl" -D "$folder/data" -w -s -l "$folder/log" start \
    -o "-c listen_addresses='' -c unix_socket_directories='$folder' -c max_connections=200 -c fsync=on -c shared_buffers=64MB"; } \
  >"$folder/start" 2>&1; then
  { cat "$folder/start" "$folder/log" || true; } >&2 2>/dev/null
  echo "missing PostgreSQL did not start, see above"
  exit 0
fi
echo "ready $folder"
cat >/dev/null || true
