#!/bin/bash
# receive.sh FOLDER: streams the WAL of a server into FOLDER until it is told to stop, through restarts of either.
# Each piece is on disk before it is confirmed; the slot makes the server keep what this has not confirmed yet.
set -euo pipefail
folder=$1
. "$(dirname "$0")/lineage.sh"
export PGAPPNAME=keep
receiver=
trap '[ -z "$receiver" ] || kill "$receiver" 2>/dev/null; exit 0' TERM INT

begin() {
    pg_receivewal --no-password --slot keep --create-slot --if-not-exists
    # Away for longer than max_slot_wal_keep_size: what is here ends at the gap, and a new beginning needs a base.
    if [ "$(psql -XAtq -d postgres -c "select wal_status from pg_replication_slots where slot_name = 'keep'")" = lost ]; then
        pg_receivewal --no-password --slot keep --drop-slot
        pg_receivewal --no-password --slot keep --create-slot
        [ ! -d "$here" ] || mv "$here" "$here.gap-$(date -u +%Y%m%dT%H%M%SZ)"
    fi
    mkdir -p "$here/wal" "$here/base"
}

while true; do
    if here=$folder/$(lineage 2>/dev/null) && [ "$here" != "$folder/" ] && begin; then
        pg_receivewal --no-password --no-loop --synchronous --slot keep --directory "$here/wal" &
        receiver=$!
        wait "$receiver" || true
        receiver=
    fi
    sleep 0.2
done
