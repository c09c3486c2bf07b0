"""A server that is a process of its own: what it prints is enough to get to it, and a tail outlives it."""

from __future__ import annotations

import json
import re
from pathlib import Path

from cli.serving import Running, register, serve, until
from cli.shell import vigyc


def _address(server: Running) -> str:
    """Where it says that it is, as a URL."""
    assert server.says("to log in")
    found = re.search(r"http://[0-9.:]+/", "".join(server.err))
    assert found is not None
    return found[0]


def test_a_tail_outlives_the_server_it_listens_to(tmp_path: Path) -> None:
    db = tmp_path / "vigy.db"
    register(db)
    with serve(db, "--http", "127.0.0.1:0") as first:
        url = _address(first)
        token = vigyc("token", "show", "admin", "--db", db).stdout.strip()
        place = ("--server", url, "--token", token)
        assert "counter" in vigyc("list", *place).stdout
        with Running("tail", "--after", "0", "-o", "jsonl", *place) as tail:
            assert until(lambda: len(tail.out) > 5)
            first.process.kill()
            first.ends()
            gone = vigyc("list", *place)
            assert gone.exit_code == 5
            before = len(tail.out)
            with serve(db, "--http", url.removeprefix("http://").rstrip("/")) as second:
                _address(second)
                assert until(lambda: len(tail.out) > before + 5)
            heard = [json.loads(line)["seq"] for line in tail.out[: before + 5]]
            assert heard == list(range(1, before + 6))
            assert tail.err == []
