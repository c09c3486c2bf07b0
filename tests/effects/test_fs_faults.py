"""Faults that a review of the packs `fs` and `log` found: each case fails without its remedy."""

from __future__ import annotations

import fcntl
import os
import resource
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from vigyc.effects import catalog
from vigyc.effects.budget import Budget
from vigyc.effects.files.root import kernel_devices
from vigyc.effects.limits import Limits
from vigyc.effects.policy import Policy
from vigyc.effects.powers import Powers
from vigyc.lang.datum import keyword
from vigyc.lang.errors import TickError
from vigyc.runtime.host import Host

Opened = Callable[..., Any]
ALL = {keyword("all"): True}


@pytest.fixture
def s(tmp_path: Path) -> Path:
    (tmp_path / "s").mkdir()
    return tmp_path / "s"


@pytest.fixture
def no_descriptors() -> Iterator[Callable[[], None]]:
    """What takes every descriptor there is, until the test ends."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    held: list[int] = []

    def take() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(map(int, os.listdir("/proc/self/fd"))) + 8, hard))
        try:
            while True:
                held.append(os.open("/dev/null", os.O_RDONLY))
        except OSError:
            pass

    yield take
    for fd in held:
        os.close(fd)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


MOUNTS = """\
22 27 0:21 / /proc rw,relatime - proc proc rw
23 27 0:22 / /sys rw,relatime shared:7 master:1 - sysfs sysfs rw
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 25 0:27 / /dev/shm\\040x rw,relatime - tmpfs tmpfs rw
38 31 0:35 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw
odd
"""


def test_the_kernels_file_systems_are_known_by_their_kind() -> None:
    assert kernel_devices(MOUNTS) == {os.makedev(0, 21), os.makedev(0, 22), os.makedev(0, 35)}


IN_A_NAMESPACE = """
    import sys
    sys.path.insert(0, {tests!r})
    from effects.conftest import Effects
    from vigyc.effects.policy import Policy
    run = Effects(Policy.of("fs.read:{s}", "fs.read:{s}/own", "fs.write:{s}"), 5.0)
    print(run.denied("fs-read", "{s}/proc/self/environ"))
    print(run.denied("fs-append", "{s}/proc/sys/kernel/hostname", ""))
    assert run.value("fs-read", "{s}/own/self/status")
    run.close()
"""


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("unshare") is None, reason="needs a mount")
def test_the_environment_is_not_read_by_a_proc_mounted_below_a_granted_folder(s: Path) -> None:
    (s / "proc").mkdir()
    (s / "own").mkdir()
    script = textwrap.dedent(IN_A_NAMESPACE).format(tests=str(Path(__file__).parents[1]), s=s)
    mounts = f"mount -t proc proc {s}/proc && mount --bind /proc {s}/own"
    found = subprocess.run(
        ["unshare", "-m", "sh", "-c", f'{mounts} && exec "$0" -c "$1"', sys.executable, script],
        capture_output=True, text=True, timeout=20, check=False,
    )  # fmt: skip
    if "mount:" in found.stderr:
        pytest.skip("mounts are forbidden here")
    assert found.returncode == 0, found.stderr
    assert found.stdout.count("need a grant of their own") == 2


def test_what_the_budget_cannot_pay_is_not_read_at_all(effects: Opened, s: Path) -> None:
    (s / "a").write_bytes(b"x" * 1000)
    os.truncate(s / "a", 2**23)
    run = effects(f"fs.read:{s}", budgets=(Budget({"bytes": 100}),))
    with open("/proc/self/io") as counters:
        before = int(counters.readline().split()[1])
        with pytest.raises(TickError) as raised:
            run.call("fs-read-bytes", str(s / "a"))
        counters.seek(0)
        assert int(counters.readline().split()[1]) - before < 2**20
    assert raised.value.kind == "budget-exceeded"
    assert run.gate.left("bytes") == 100


def test_a_tree_is_not_removed_beyond_the_tick(effects: Opened, s: Path) -> None:
    for n in range(20):
        (s / f"f{n}").touch()
    run = effects(f"fs.write:{s.parent}")
    asked = iter([1.0] * 5)  # once to list the folder, then for each file
    run.gate.remaining = lambda: next(asked, 0.0)
    assert run.error("fs-remove", str(s), ALL).tag == "timeout"
    assert len(os.listdir(s)) == 20 - 4


@pytest.mark.parametrize("name", ["fs-exists?", "fs-file?", "fs-dir?"])
def test_what_cannot_be_looked_at_is_not_said_to_be_missing(
    effects: Opened, s: Path, no_descriptors: Callable[[], None], name: str
) -> None:
    (s / "a").touch()
    run = effects(f"fs.read:{s}")
    assert run.call(name, str(s / "b")) is False
    no_descriptors()
    with pytest.raises(TickError, match="too many open files") as raised:
        run.call(name, str(s / "a"))
    assert raised.value.kind == "native-fn"


def test_a_folder_that_another_vigy_makes_at_the_same_time_is_there(effects: Opened, s: Path) -> None:
    runs = [effects(f"fs.write:{s}", seconds=60.0) for _ in range(2)]
    begin = threading.Barrier(2)
    found: list[Any] = []

    def make(run: Any) -> None:
        for n in range(300):
            begin.wait()
            found.append(run.call("fs-mkdir", f"{s}/{n}")[keyword("ok")])

    threads = [threading.Thread(target=make, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 600


def test_a_file_that_someone_has_a_lease_on_is_busy_and_not_waited_for(effects: Opened, s: Path) -> None:
    (s / "a").write_text("x")
    run = effects(f"fs.write:{s}")
    before = signal.signal(signal.SIGIO, signal.SIG_IGN)
    try:
        with open(s / "a") as held:
            try:
                fcntl.fcntl(held.fileno(), fcntl.F_SETLEASE, fcntl.F_RDLCK)
            except OSError:
                pytest.skip("no leases here")
            assert run.error("fs-append", str(s / "a"), "y").tag == "busy"
    finally:
        signal.signal(signal.SIGIO, before)


def test_a_write_whose_new_file_is_taken_away_says_what_went_wrong(effects: Opened, s: Path) -> None:
    """The failure is that of the write, not that there is nothing left to tidy up."""
    (s / "big").write_bytes(b"x" * 2**21)
    run = effects(f"fs.read:{s}", f"fs.write:{s}", budgets=(Budget({"bytes": 2**20}),))
    charge = run.gate.charge

    def charge_and_tidy(unit: str, amount: int) -> None:
        for left in s.glob(".vigyc-*"):
            left.unlink()
        charge(unit, amount)

    run.gate.charge = charge_and_tidy
    with pytest.raises(TickError) as raised:
        run.call("fs-copy", str(s / "big"), str(s / "b"))
    assert raised.value.kind == "budget-exceeded"


def test_a_log_sink_is_closed_with_its_run(s: Path) -> None:
    """It stayed open until the vigy logged again: a descriptor for each vigy that ever had one."""
    policy = Policy.of("log", f"fs.write:{s}")
    powers = Powers(lambda name, labels: policy)
    powers.session("first", "first", {})
    before = len(os.listdir("/proc/self/fd"))
    for vigy in map(str, range(20)):
        host = Host(tick_start_ms=0)
        gate = host.gate = powers.gate(vigy, powers.session(vigy, vigy, {}), host, 5.0)
        run = _Run(gate, host)
        run.call("log-sink", str(s / "log"))
        run.call("log-info", "x")
        gate.close()
    assert len(os.listdir("/proc/self/fd")) == before
    assert len((s / "log").read_text().splitlines()) == 20
    powers.close()


class _Run:
    def __init__(self, gate: Any, host: Host) -> None:
        self.gate, self.host = gate, host

    def call(self, name: str, *args: object) -> Any:
        return catalog.pack("log").functions[name](self.host, *args)


def test_a_log_sink_outlives_other_handles_while_it_is_used(effects: Opened, s: Path) -> None:
    run = effects("log", f"fs.write:{s}", f"kv:{s}", limits=Limits(handles=2))
    run.value("log-sink", str(s / "log"))
    for n in range(4):
        run.call("log-info", f"record {n}")
        run.value("kv-open", f"{s}/kv{n}")
    assert len((s / "log").read_text().splitlines()) == 4


def test_a_log_sink_that_made_room_for_other_handles_is_said_to_be_closed(effects: Opened, s: Path) -> None:
    run = effects("log", f"fs.write:{s}", f"kv:{s}", limits=Limits(handles=1))
    run.value("log-sink", str(s / "log"))
    run.value("kv-open", f"{s}/kv")
    run.call("log-info", "x")
    run.call("log-info", "y")
    assert [line.message for line in run.host.logs] == ["x", f"log-sink {s}/log: it is closed", "y"]
    assert (s / "log").read_text() == ""
