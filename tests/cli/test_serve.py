"""`vigyc serve`: ticking until told to end, ending well, standing by, and answering other processes."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

import pytest

from cli.serving import COUNT, ENDLESS, Running, register, serve, until
from cli.shell import objects, vigyc
from vigyc.model.run import ABORTED, OK
from vigyc.runtime.store.sqlite import open_store
from vigyc.service.runtime import Runtime


def runs(db: Path, name: str = "counter") -> int:
    with Runtime.open(db) as runtime:
        return len(runtime.runs(name, limit=1000))


def is_ticking(db: Path) -> bool:
    """Whether a tick began that takes long, as the file says."""
    store = open_store(db)
    try:
        return bool(store.open_runs())
    finally:
        store.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_a_normal_end(tmp_path: Path, number: signal.Signals) -> None:
    db = tmp_path / "vigy.db"
    register(db)
    with serve(db) as server:
        assert server.says("vigyc: ticking")
        assert until(lambda: runs(db) >= 3)
        server.process.send_signal(number)
        assert server.ends() == 0
    assert server.out == []
    assert [line.split(": ")[1].split(" ")[0] for line in server.err] == ["process", "ticking\n", "ending\n"]
    assert str(db) in server.err[0]
    assert str(server.process.pid) in server.err[0]
    with Runtime.open(db) as runtime:
        told = runtime.runs("counter", limit=1000)
        assert {run.result for run in told} == {OK}
        assert [run.tick for run in reversed(told)] == list(range(1, len(told) + 1))
        assert runtime.kv("counter").get("n") == len(told)
        assert runtime.health().owner is None


def test_ticks_under_way_have_their_time_and_are_cut_then(tmp_path: Path) -> None:
    db = tmp_path / "vigy.db"
    register(db, ENDLESS, "endless", deadline="60s")
    with serve(db, "--grace", "100ms") as server:
        assert until(lambda: is_ticking(db))
        server.process.terminate()
        assert server.ends() == 0
    with Runtime.open(db) as runtime:
        (run,) = runtime.runs("endless")
    assert (run.result, [line.message for line in run.report.logs]) == (ABORTED, ["begun"])


def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    db = tmp_path / "vigy.db"
    register(db, ENDLESS, "endless", deadline="60s")
    with serve(db, "--grace", "60s") as server:
        assert until(lambda: is_ticking(db))
        server.process.terminate()
        assert server.says("vigyc: ending")
        server.process.terminate()
        assert server.ends() == -signal.SIGTERM
    assert is_ticking(db)
    with serve(db, "--ticks", "1", "--grace", "100ms") as server:
        assert server.ends() == 0  # the run that was left open is the first it hears of
    with Runtime.open(db) as runtime:
        assert runtime.runs("endless")[-1].result == ABORTED


def test_another_server_stands_by_and_takes_over_when_the_first_is_killed(tmp_path: Path) -> None:
    db = tmp_path / "vigy.db"
    register(db)
    with serve(db) as first, serve(db, "--tail", "-o", "jsonl") as second:
        assert until(lambda: "vigyc: ticking\n" in [*first.err, *second.err])
        owner, other = (first, second) if "vigyc: ticking\n" in first.err else (second, first)
        assert other.says(f"vigyc: standby: process {owner.process.pid} ticks")
        assert until(lambda: runs(db) >= 2)
        owner.process.kill()
        owner.process.wait()
        before = runs(db)
        assert other.says("vigyc: ticking", 5), other.err
        assert until(lambda: runs(db) >= before + 3, 5)
        other.process.terminate()
        assert other.ends() == 0
    with Runtime.open(db) as runtime:
        told = [run for run in runtime.runs("counter", limit=1000) if run.result == OK]
        assert [run.tick for run in reversed(told)] == list(range(1, len(told) + 1))


def test_a_tick_that_another_process_asks_for_is_made_by_the_server(tmp_path: Path) -> None:
    db = tmp_path / "vigy.db"
    register(db, enabled=False)
    with serve(db, "--tail", "-o", "jsonl") as server:
        assert server.says("vigyc: ticking")
        done = vigyc("tick", "counter", "--db", db, "-o", "json")
        assert done.exit_code == 0, done.output
        (run,) = objects(done.stdout)
        assert (run["trigger"], run["tick"]) == ("request", 1)
        server.process.terminate()
        assert server.ends() == 0
    told = [line["run"] for line in objects("".join(server.out)) if line["kind"] == "run"]
    assert [each["id"] for each in told] == [run["id"]]


@pytest.mark.parametrize("limit", [("--ticks", "2"), ("--for", "300ms")])
def test_it_ends_by_itself_when_it_is_told_beforehand(tmp_path: Path, limit: tuple[str, str]) -> None:
    db = tmp_path / "vigy.db"
    register(db)
    with serve(db, *limit) as server:
        assert server.ends() == 0
    assert runs(db) >= 2


def test_it_shows_what_happens(tmp_path: Path) -> None:
    db = tmp_path / "vigy.db"
    register(db)
    with serve(db, "--ticks", "2", "--tail", "-o", "table") as server:
        assert server.ends() == 0
    with Runtime.open(db) as runtime:
        assert sum(" ok " in line for line in server.out) == len(runtime.runs("counter", limit=1000))
    words = [line.split()[1:] for line in server.out]
    assert words[0][0] == "owner"
    assert ["counter", "info", "n", "is", "1"] in words
    assert ["counter", "ok", "tick", "2:", "noop"] in words


def test_what_is_registered_meanwhile_is_ticked(tmp_path: Path) -> None:
    db = tmp_path / "vigy.db"
    with serve(db) as server:
        assert server.says("vigyc: ticking")
        register(db, COUNT, "later")
        assert until(lambda: runs(db, "later") >= 2)


def test_what_is_no_store_is_one_line(tmp_path: Path) -> None:
    db = tmp_path / "vigy.db"
    db.write_bytes(b"certainly not" * 100)
    with Running("serve", "--db", db) as server:
        assert server.ends() == 5
    assert [line.startswith("vigyc: cannot open ") for line in server.err] == [True]


def test_a_service_manager_is_told(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "n"))
        manager.settimeout(15)
        environment = {"NOTIFY_SOCKET": str(tmp_path / "n"), "WATCHDOG_USEC": "100000"}
        with Running("serve", "--db", tmp_path / "vigy.db", environment=environment) as server:
            assert manager.recv(100) == b"READY=1"
            assert [manager.recv(100), manager.recv(100)] == [b"WATCHDOG=1"] * 2
            server.process.terminate()
            while (told := manager.recv(100)) == b"WATCHDOG=1":
                pass
            assert told == b"STOPPING=1"
            assert server.ends() == 0


def test_it_says_how_many_are_registered_and_of_none_what_to_do(tmp_path: Path) -> None:
    db = tmp_path / "vigy.db"
    for registered, said in ((0, "nothing is registered yet; `vigyc register"), (1, "1 vigy is"), (2, "2 vigies are")):
        if registered:
            register(db, name=f"v{registered}")
        with serve(db, "--for", "10ms") as server:
            assert server.ends() == 0
        assert f"serves {db}, where {said}" in server.err[0]
