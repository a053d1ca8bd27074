#!/bin/bash
# keep.sh FOLDER [EVERY]: both together, as a container runs them: the stream, and a base backup every EVERY seconds
# (a day). Ends when either does, so that a supervisor starts both anew.
set -uo pipefail
here=$(dirname "$0")
trap 'kill $(jobs -p) 2>/dev/null; wait; exit 0' TERM INT
"$here/receive.sh" "$1" &
"$here/base.sh" "$1" "${2:-86400}" &
wait -n
kill $(jobs -p) 2>/dev/null
exit 1
