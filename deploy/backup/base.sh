#!/bin/bash
# base.sh FOLDER [EVERY]: takes a base backup of a server now, verifies it, and drops what is older than the
# KEEP_BASES newest ones (7). With EVERY, in seconds, it goes on, and takes another whenever the newest is that old.
set -euo pipefail
folder=$1 every=${2:-}
. "$(dirname "$0")/lineage.sh"
keep=${KEEP_BASES:-7}

newest() {
    find "$here/base" -mindepth 1 -maxdepth 1 -name '*Z' 2>/dev/null | sort | tail -n 1
}

take() {
    mkdir -p "$here/base" "$here/wal"
    rm -rf "$here/base/unfinished"
    # Its own WAL comes with it: it can be restored alone, to the moment it ended.
    pg_basebackup --no-password --checkpoint=fast --wal-method=stream --pgdata "$here/base/unfinished"
    pg_verifybackup --quiet "$here/base/unfinished"
    psql -XAtq -d postgres -c "select datname from pg_database where not datistemplate order by datname" \
        >"$here/covers"
    mv "$here/base/unfinished" "$here/base/$(date -u +%Y%m%dT%H%M%SZ)"
    sync
}

drop_old() {
    local kept
    kept=$(find "$here/base" -mindepth 1 -maxdepth 1 -name '*Z' | sort | tail -n "$keep")
    find "$here/base" -mindepth 1 -maxdepth 1 -name '*Z' | sort | while read -r base; do
        grep -qxF "$base" <<<"$kept" || rm -rf "$base"
    done
    pg_archivecleanup "$here/wal" "$(first_segment "$(head -n 1 <<<"$kept")")"
    # What was before a restore goes once as many backups were taken after it; never another server's.
    if [ "$(wc -l <<<"$kept")" -ge "$keep" ]; then
        find "$folder" -mindepth 1 -maxdepth 1 -type d -path "${here%-*}-*" ! -path "$here" -exec rm -rf {} +
    fi
}

due() {
    here=$folder/$(lineage 2>/dev/null) && [ "$here" != "$folder/" ] || return 1
    [ -z "$(newest)" ] || [ -n "$(find "$(newest)" -maxdepth 0 -mmin "+$((every / 60))")" ]
}

while [ -n "$every" ]; do
    # By itself, for `set -e` does not hold inside of a condition.
    if due && ! "$0" "$folder"; then
        echo "no base backup: see above" >&2
    fi
    sleep 10 &
    wait $!
done
here=$folder/$(lineage)
take
drop_old
newest
