#!/usr/bin/env bash
# Register a vigy, watch it tick, break it, ask why, and repair it: all by curl.
#
#     VIGYC_TOKEN=$(vigyc token show admin) examples/clients/rest.sh [URL]
set -euo pipefail
server=${1:-${VIGYC_SERVER:-http://127.0.0.1:38821}}

api() {
    curl -sS -w '\n' --fail-with-body -H "Authorization: Bearer $VIGYC_TOKEN" -H 'Content-Type: application/json' "$@"
}

echo "== register"
api "$server/v1/vigies" -d '{"name": "rest-example", "program": "(vigy-incr \"ticks\")", "tick_interval_ms": 60000}'

echo "== tick"
run=$(api -X POST "$server/v1/vigies/rest-example/tick")
echo "$run"

echo "== break it, but only if nobody changed it meanwhile"
etag=$(api -D - -o /dev/null "$server/v1/vigies/rest-example" | tr -d '\r' | sed -n 's/^etag: //Ip')
api -X PATCH -H "If-Match: $etag" "$server/v1/vigies/rest-example" -d '{"program": "(+ 1 (vigy-get \"missing\"))"}'
api -X POST "$server/v1/vigies/rest-example/tick"

echo "== why?"
api "$server/v1/vigies/rest-example/explain"

echo "== repair"
api -X POST "$server/v1/vigies/rest-example/rollback" -d '{"number": 1}'
api -X POST "$server/v1/vigies/rest-example/tick"

echo "== what happened since that first tick (curl is told to give up after a second)"
seq=$(sed 's/.*"seq":\([0-9]*\).*/\1/' <<<"$run")
api -N --max-time 1 "$server/v1/events?vigy=rest-example&kinds=run&after=$seq" || true

echo "== away with it"
api -X DELETE "$server/v1/vigies/rest-example"
