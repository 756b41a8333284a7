#!/bin/sh
# Every night: what the agents logged by now, into one run folder and its datasets. LOGS and RUN name others.
# Given twice it does nothing twice; stopped at any moment, the next night carries on.
set -eu
LOGS=${LOGS:-logs}
RUN=${RUN:-runs/nightly}

mkdir -p "$(dirname "$RUN")"
exec 9>"${RUN%/}.lock"
flock -n 9 || { echo "the night before is still at work" >&2; exit 0; }
agenther run "$LOGS" --out "$RUN" "$@"
agenther report "$RUN"
