#!/bin/sh
# Every night: what the agents logged by now, into one run folder and its datasets. LOGS and RUN name others.
# Given twice it does nothing twice; stopped at any moment, the next night carries on. While one is at work, agenther
# refuses another one.
set -eu
LOGS=${LOGS:-logs}
RUN=${RUN:-runs/nightly}

agenther run "$LOGS" --out "$RUN" "$@"
agenther report "$RUN"
