"""From a policy to how much one call of an effect may do; times in ms, sizes in bytes unless said otherwise."""

from __future__ import annotations

from typing import NamedTuple


class Limits(NamedTuple):
    """The most that one call may do. A policy lowers or raises them; a narrower policy can only lower them.

    `entries` are of a listing, walk or glob; `rows` of a query. `sleep_ms` is for all sleeping of a run together.
    `record_bytes` is how much of a run is kept for replay.
    """

    read_bytes: int = 16 * 2**20
    write_bytes: int = 16 * 2**20
    entries: int = 100_000
    body_bytes: int = 10 * 2**20
    connect_ms: int = 10_000
    request_ms: int = 30_000
    redirects: int = 5
    output_bytes: int = 10 * 2**20
    process_ms: int = 60_000
    processes: int = 16
    sleep_ms: int = 60_000
    rows: int = 100_000
    query_ms: int = 5_000
    model_ms: int = 120_000
    handles: int = 256
    serve_requests: int = 10_000
    record_bytes: int = 2**18
