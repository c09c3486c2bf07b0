#!/usr/bin/env bash
# An issue against a flapping vigy becomes a verified new version, and is rolled back again; a bad proposal is rejected.
# Everything is kept in .state/enhance.db: look around there afterwards with `vigyc ... --db .state/enhance.db`.
set -euo pipefail
cd "$(dirname "$0")"
: "${VIGY_DB:=$PWD/../../.state/enhance.db}"
export VIGY_DB VIGYC_RECORD=all VIGYC_HTTP=off VIGYC_GRPC=off # every run is recorded, to be replayed; nothing listens
unset VIGYC_SERVER VIGYC_POLICY

say() { printf '\n# %s\n' "$*"; }

register() { # NAME, and options for a vigy that is new
    vigyc register "$1.tatara" --name "$@" 2>/dev/null || vigyc update "$1" --program "$1.tatara" -o table
}

submit() { # the id of a new issue
    vigyc issue submit "$@" -o jsonl | sed 's/.*"id": *"\([^"]*\)".*/\1/'
}

say "a vigy that flaps: every probe that misses restarts the service. And its tests"
register service-watch --every 100ms
register service-watch.test --disabled
vigyc serve --for 2s >/dev/null 2>&1
vigyc runs service-watch --limit 6

say "an issue, in words that the rule-based rewriter knows: submitting it decides nothing yet"
issue=$(submit service-watch "rate limit restart to once per 30s")
vigyc issue list service-watch --limit 1
vigyc enhance run --drain >/dev/null 2>&1

say "what was proposed, what the verifiers said, and the new version"
vigyc issue show "$issue"
vigyc versions service-watch | sed -n 1,4p
vigyc serve --for 1s >/dev/null 2>&1
vigyc runs service-watch --limit 6

say "somebody's proposal, which does more to the world than the program may"
issue=$(submit service-watch "restart it right here" --patch too-much.json)
vigyc enhance run --drain >/dev/null 2>&1
vigyc issue show "$issue"

say "and back: the former program, as a new version"
vigyc rollback service-watch 1 --yes
vigyc versions service-watch | sed -n 1,4p
