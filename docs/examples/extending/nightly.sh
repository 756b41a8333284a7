#!/bin/sh
# Every night: what the agents logged by now, into one run folder and its datasets. LOGS and RUN name others; options of
# `agenther run` may follow. It ends with 0 where the datasets are those of all nights; else its last line says why not.
set -eu
exec agenther run "${LOGS:-logs}" --out "${RUN:-runs/nightly}" "$@"
