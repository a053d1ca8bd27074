#!/bin/bash
# restore.sh FOLDER DATA [latest|YYYY-MM-DDTHH:MM:SSZ]: makes the data folder of a server that recovers, when it is
# started, to the last commit of the archive or to that moment. DATA must be empty; the archive is only read.
set -euo pipefail
folder=$1 data=$2 to=${3:-latest}
. "$(dirname "$0")/lineage.sh"
if [ -n "$(ls -A "$data" 2>/dev/null)" ]; then
    echo "$data is not empty: move it away first" >&2
    exit 1
fi
limit=9
[ "$to" = latest ] || limit=$(tr -d ':-' <<<"$to")

# By the time they were completed, whatever lineage they are of: a target must come after the end of its base.
base=$(find "$folder" -mindepth 3 -maxdepth 3 -path '*/base/*Z' | awk -F/ -v limit="$limit" '$NF < limit {print $NF, $0}' |
    sort | tail -n 1 | cut -d' ' -f2-)
if [ -z "$base" ]; then
    echo "no base backup below $folder is old enough for $to" >&2
    exit 1
fi
wal=$base/../../wal
mkdir -p "$data"
cp -R "$base/." "$data/"

# Everything goes into pg_wal at once, so that nothing has to be reached while it recovers.
first=$(first_segment "$data")
find "$wal" -type f | while read -r file; do
    name=$(basename "$file") segment=$(basename "$file" .partial)
    if [[ $segment =~ ^[0-9A-F]{24}$ && ! $segment < $first ]] && [ "$name" = "$segment" -o ! -e "$wal/$segment" ]; then
        cp "$file" "$data/pg_wal/$segment"
    fi
done
# The timelines that there were since: the new one must not take the number of any.
lineage=$(basename "$(cd "$base/../.." && pwd)")
find "$folder" -path "*/${lineage%%-*}-*/wal/*.history" -exec cp {} "$data/pg_wal/" \;

target=
[ "$to" = latest ] || target=$(sed 's/T/ /; s/Z$/+00/' <<<"$to")
cat >>"$data/postgresql.auto.conf" <<CONF
# A reader would be let in before the end, and a writer be told that the database is read-only.
hot_standby = off
restore_command = 'false'
recovery_target_timeline = 'current'
recovery_target_time = '$target'
recovery_target_action = 'promote'
CONF
touch "$data/recovery.signal"
chmod 700 "$data"
echo "$base"
