"""`vigyc health`: whether all is well, in words, in JSON, and as an exit code."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from cli.counter import FAILS, Counter
from cli.serving import until
from cli.shell import vigyc
from client.served import Served, served
from vigyc.service.runtime import Runtime


@pytest.fixture
def server(counter: Counter) -> Iterator[Served]:
    """A server upon the counter's store, which ticks it."""
    with Runtime.open(counter.db) as runtime:
        runtime.start()
        with served(runtime) as server:
            yield server


def test_a_store_that_nobody_ticks_is_stopped(counter: Counter) -> None:
    counter.register("one")
    counter.register("two", enabled=False)
    done = counter("health")
    assert (done.exit_code, done.stderr) == (1, "")
    lines = done.stdout.splitlines()
    assert lines[:3] == ["stopped", "  ticks      nobody", "  vigies     2: 1 standby, 1 disabled"]
    assert [line.split()[0] for line in lines[3:]] == ["committed", "wal", "kv"]


def test_a_store_that_another_process_ticks_is_well(counter: Counter, server: Served) -> None:
    counter.register("bad", FAILS)
    counter("tick", "bad")
    lines = counter.good("health").splitlines()
    assert lines[0] == "ok"
    assert lines[1].startswith("  ticks      process ")
    assert lines[2].endswith("; 1 failing")
    assert "ticks/s" not in "".join(lines)


def test_a_server_tells_its_figures_too(counter: Counter, server: Served) -> None:
    counter.register("one")
    place = ("--server", server.url, "--token", server.admin)
    done = vigyc("health", *place)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("ok\n  ticks      this runtime\n")
    assert re.search(r"^  lateness   p50 \d+ms, p99 \d+ms, max \d+ms$", done.stdout, re.MULTILINE)
    assert re.search(r"^  rate       \d+\.\d ticks/s, 0 errors/min$", done.stdout, re.MULTILINE)
    told = json.loads(vigyc("health", *place, "-o", "json").stdout)
    assert told.keys() == {"health", "stats"}
    assert (told["health"]["status"], told["stats"]["errors_per_minute"]) == ("ok", 0)
    here = json.loads(counter.good("health", "-o", "json"))
    assert [each.keys() for each in here.values()] == [each.keys() for each in told.values()]


def test_what_is_late_is_a_reason(counter: Counter) -> None:
    counter.register("one", "(vigy-noop)", every="100ms")
    with Runtime.open(counter.db) as runtime:
        runtime.step()  # and no more: it owns the store, and does not tick
        assert until(lambda: counter("health").exit_code == 1)
        done = counter("health")
    assert done.stdout.startswith("degraded\n")
    assert done.stdout.endswith("\n  reason     1 of 1 vigies are late\n")


def test_a_server_that_is_not_there_is_five(server: Served) -> None:
    server.stop()
    assert vigyc("health", "--server", server.url, "--token", server.admin).exit_code == 5
