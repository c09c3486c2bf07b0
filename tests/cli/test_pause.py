"""`vigyc pause` and `vigyc resume`: a server is held back, a file cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.shell import objects, vigyc
from client.served import Served, served
from vigyc.service.runtime import Runtime


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    with Runtime.open(tmp_path / "vigy.db") as runtime:
        runtime.register("(vigy-noop)", name="one", every="1h")
        runtime.start()
        with served(runtime) as server:
            yield server


def test_a_server_is_held_back_until_it_goes_on(server: Served) -> None:
    place = ("--server", server.url, "--token", server.admin)
    assert vigyc("pause", *place).stdout == "✓ paused: no scheduled tick begins until vigyc resume\n"
    assert objects(vigyc("explain", "one", "-o", "json", *place).stdout)[0]["phase"] == "paused"
    assert objects(vigyc("pause", "-o", "json", *place).stdout) == [{"paused": True}]
    assert vigyc("tick", "one", *place).exit_code == 0
    assert objects(vigyc("resume", "-o", "json", *place).stdout) == [{"paused": False}]
    assert objects(vigyc("explain", "one", "-o", "json", *place).stdout)[0]["phase"] != "paused"
    assert vigyc("resume", *place).stdout == "✓ goes on\n"


def test_it_takes_the_role(server: Served) -> None:
    refused = vigyc("pause", "--server", server.url, "--token", server.reader)
    assert (refused.exit_code, "takes the role operate" in refused.stderr) == (3, True)


@pytest.mark.parametrize("command", ["pause", "resume"])
def test_a_file_cannot_be(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGY_DB", str(tmp_path / "a.db"))
    monkeypatch.delenv("VIGYC_SERVER", raising=False)
    for place in ((), ("--db", tmp_path / "b.db")):
        done = vigyc(command, *place)
        assert (done.exit_code, done.stdout) == (2, "")
        assert f"vigyc {command} takes a server (--server URL, or $VIGYC_SERVER)" in done.stderr
    assert not list(tmp_path.iterdir())
