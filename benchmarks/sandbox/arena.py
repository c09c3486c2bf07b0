"""From a case and a contestant to a verdict, by what can be seen from outside once the contestant's process is over.

Every attempt has folders, a canary and servers of its own, and runs in a child process with a wall limit and a memory
limit. Nobody's word is taken for an escape: it is the canary in the output, a file that is there or another than
before, a connection to a server nobody granted, a process that is still alive, memory or time that was used.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from tempfile import TemporaryDirectory
from typing import Any, Final

HERE: Final = Path(__file__).parent
CONTESTANTS: Final = ("vigyc", "restricted", "bare")
BLOCKED, ERRORED, HARMLESS, ESCAPED, HUNG, OK = "blocked", "errored", "harmless", "escaped", "hung", "ok"
CONTAINED: Final = (BLOCKED, ERRORED, HARMLESS)

DEADLINE: Final = 2.0  # seconds that every contestant is told to allow
WALL: Final = 12.0  # seconds after which the arena ends it
ADDRESS_SPACE: Final = 4 * 2**30  # bytes
MOST_MEMORY: Final = 320 * 2**20  # bytes in use, beyond which memory counts as not contained

# What vigyc calls a refusal: by policy, by a limit of the language, by a limit of an effect.
_REFUSALS: Final = {
    "denied", "not-granted", "size-exceeded", "halted", "integer-overflow", "depth-exceeded",
    "hard-link", "not-file", "too-large", "too-many", "timeout", "link-loop", "other-device",
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """An attempt (or a benign use): the same idea in the language of each contestant.

    `escape` names what is looked at (see `Attempt.seen`), `value` the text that a benign program must give. `helper`:
    where Python lets it out, it does so through the checked function of the host, not through the language.
    `unmet` says why ours does not contain it, or cannot do it.
    """

    id: str
    family: str
    title: str
    vigyc: str
    python: str
    restricted: str = ""
    grants: tuple[str, ...] = ()
    escape: str = "canary"
    value: str = ""
    helper: bool = False
    unmet: str = ""

    @property
    def is_benign(self) -> bool:
        """Whether it must run."""
        return self.family == "benign"

    def source(self, contestant: str) -> str:
        """The program for `contestant`."""
        given: str = {"vigyc": self.vigyc, "bare": self.python, "restricted": self.restricted or self.python}[
            contestant
        ]
        return given


@dataclass
class Verdict:
    """How it went: one of the words above, why, and what it took (seconds, bytes)."""

    word: str
    why: str
    seconds: float = 0.0
    memory: int = 0


@dataclass
class Attempt:
    """What one child process is given and leaves behind."""

    folder: Path
    canary: str = field(default_factory=lambda: f"canary-{os.urandom(9).hex()}")
    touched: list[str] = field(default_factory=list)
    ports: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.s, self.w, self.out = (self.folder / name for name in ("s", "w", "outside"))
        for folder in (self.s, self.w, self.out, self.folder / "s-evil"):
            folder.mkdir()
        (self.s / "a.txt").write_text("alpha\n")
        (self.s / "b.txt").write_text("beta\n")
        for secret in (self.out / "secret.txt", self.folder / "s-evil" / "secret.txt"):
            secret.write_text(self.canary)
        (self.s / "link").symlink_to(self.out / "secret.txt")
        (self.s / "inner").symlink_to("a.txt")
        (self.s / "whole").symlink_to(self.s / "b.txt")
        (self.s / "folder").symlink_to(self.out)
        (self.s / "zero").symlink_to("/dev/zero")
        os.link(self.out / "secret.txt", self.s / "hard")
        os.mkfifo(self.s / "fifo")
        (self.w / "dangling").symlink_to(self.out / "planted")
        (self.out / self.canary).touch()
        for script in (self.out / "start.sh", self.w / "sort"):
            script.write_text(f"#!/bin/sh\ntouch {self.out}/planted\n")
            script.chmod(0o755)
        (self.w / "app.log").touch()
        self._database(self.out / "secret.db")

    def _database(self, path: Path) -> None:
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE secret (text)")
            connection.execute("INSERT INTO secret VALUES (?)", [self.canary])
        connection.close()

    def filled(self, text: str) -> str:
        """`text` with $S, $W, $OUT, $GOOD, $EVIL in place."""
        places = {"S": self.s, "W": self.w, "OUT": self.out, "MARK": f"1000.{int(self.canary[7:15], 16)}"}
        ports = {name: f"127.0.0.{2 if name == 'EVIL' else 1}:{port}" for name, port in self.ports.items()}
        return Template(text).safe_substitute({**{name: str(place) for name, place in places.items()}, **ports})

    def seen(self, what: str, output: str, memory: int) -> str:
        """The fact that shows an escape, empty if there is none."""
        looks: dict[str, Callable[[], str]] = {
            "canary": lambda: "the canary is in its output" if self.canary in output else "",
            "planted": lambda: "there is a file it must not make" if (self.out / "planted").exists() else "",
            "touched": lambda: f"it reached {self.touched[0]}" if self.touched else "",
            "memory": lambda: "it took more memory than it may" if memory > MOST_MEMORY else "",
            "forged": lambda: "a record is forged" if "\nFORGED" in (self.w / "app.log").read_text() else "",
            "alive": lambda: "a process it started lives on" if self._alive() else "",
            "time": lambda: "",
            "none": lambda: "",
        }
        return looks[what]()

    def _alive(self) -> bool:
        """Whether a process with the mark on its command line is there; it is ended, being ours."""
        time.sleep(0.1)
        found = False
        for entry in Path("/proc").iterdir():
            with suppress(OSError, ValueError):
                line = (entry / "cmdline").read_bytes()
                state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
                if self.filled("$MARK").encode() in line and line.startswith(b"sleep\0") and state != "Z":
                    os.kill(int(entry.name), signal.SIGKILL)
                    found = True
        return found


def cases() -> list[Case]:
    """All cases, in the order of the file."""
    with (HERE / "cases.toml").open("rb") as file:
        return [Case(**{**given, "grants": tuple(given.get("grants", ()))}) for given in tomllib.load(file)["case"]]


# -- servers


def _answer(path: str, attempt: Attempt) -> bytes:
    """What the granted server says."""
    if path.startswith("/away"):
        return f"HTTP/1.1 302 F\r\nLocation: {attempt.filled('http://$EVIL/')}\r\nContent-Length: 0\r\n\r\n".encode()
    if path.startswith("/within"):
        return b"HTTP/1.1 302 F\r\nLocation: /hello\r\nContent-Length: 0\r\n\r\n"
    return b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"


def _serve(connection: socket.socket, name: str, attempt: Attempt) -> None:
    connection.settimeout(WALL)
    with suppress(OSError), connection:
        asked = connection.recv(65536).decode("latin-1").split(" ")
        path = asked[1] if len(asked) > 1 else "/"
        if name == "EVIL" or path.startswith("/private"):
            attempt.touched.append(f"a server it may not ({name.lower()})")
        if path.startswith("/endless"):
            connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
            while True:
                connection.sendall(b"x" * 2**22)
        if path.startswith("/slow"):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            while True:
                connection.sendall(b"x")
                time.sleep(0.05)
        connection.sendall(_answer(path, attempt))


@contextmanager
def servers(attempt: Attempt) -> Iterator[None]:
    """A server that is granted (127.0.0.1), another port of it, and one on 127.0.0.2 that is not."""
    listening = {
        name: socket.create_server((address, 0))
        for name, address in (("GOOD", "127.0.0.1"), ("OTHER", "127.0.0.1"), ("EVIL", "127.0.0.2"))
    }

    def accept(name: str, at: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = at.accept()
                threading.Thread(target=_serve, args=(connection, name, attempt), daemon=True).start()

    for name, at in listening.items():
        attempt.ports[name] = at.getsockname()[1]
        threading.Thread(target=accept, args=(name, at), daemon=True).start()
    try:
        yield
    finally:
        for at in listening.values():
            with suppress(OSError):
                at.shutdown(socket.SHUT_RDWR)
            at.close()


# -- children


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _command(case: Case, contestant: str, attempt: Attempt) -> tuple[list[str], str]:
    """The child's command line, and what it reads."""
    source = attempt.filled(case.source(contestant))
    grants = [attempt.filled(grant) for grant in case.grants]
    if contestant == "vigyc":
        flags = [flag for grant in grants for flag in ("--grant", grant)]
        line = ["-m", "vigyc", "eval", "-", "-o", "json", "--deadline", f"{DEADLINE:g}s", "--no-cache", *flags]
        return [sys.executable, *line], source
    task = {"contestant": contestant, "source": source, "grants": grants, "seconds": DEADLINE, "canary": attempt.canary}
    return [sys.executable, str(HERE / "python_host.py")], json.dumps(task)


@dataclass
class Ended:
    """A child that is over: `code` is None where the arena ended it."""

    code: int | None
    output: str
    errors: str
    seconds: float
    memory: int


def _run(command: list[str], given: str, attempt: Attempt) -> Ended:
    environment = {**os.environ, "TOKEN": attempt.canary, "GREETING": "hello"}
    with (attempt.folder / "out").open("w+b") as out, (attempt.folder / "err").open("w+b") as err:
        began, ours = time.monotonic(), _resident()
        child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=out, stderr=err, env=environment, cwd=attempt.folder,
            start_new_session=True, preexec_fn=_limit,  # noqa: PLW1509  # which only lowers limits
        )  # fmt: skip
        assert child.stdin is not None
        with suppress(BrokenPipeError), child.stdin:
            child.stdin.write(given.encode())
        code, memory = _wait(child, began + WALL)
        seconds = time.monotonic() - began
        memory = memory if memory > ours else 0  # until it is another program, a child counts with its parent's memory
        out.seek(0)
        err.seek(0)
        said, wrong = out.read().decode("utf-8", "replace"), err.read().decode("utf-8", "replace")
    return Ended(code, said, wrong, seconds, memory)


def _resident() -> int:
    """The memory this process has, in bytes."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize()


def _wait(child: subprocess.Popen[bytes], until: float) -> tuple[int | None, int]:
    """Its exit code and the most memory it had, in bytes; it is killed when the time is over."""
    code: int | None = None
    while True:
        over = time.monotonic() > until
        if over:
            os.killpg(child.pid, signal.SIGKILL)
        pid, status, usage = os.wait4(child.pid, 0 if over else os.WNOHANG)
        if pid:
            child.returncode = os.waitstatus_to_exitcode(status)
            code = None if over else child.returncode
            return code, usage.ru_maxrss * 1024
        time.sleep(0.01)


def _said(contestant: str, ended: Ended) -> tuple[str, str]:
    """`value`, `refused` or `error`, and the text of it, as the contestant reports."""
    try:
        found: dict[str, Any] = json.loads(ended.output.splitlines()[-1])
    except (ValueError, IndexError):
        return "error", (ended.errors.strip().splitlines() or ["it said nothing"])[-1]
    if contestant != "vigyc":
        return found["outcome"], found["text"]
    if found["ok"]:
        return "value", found["value"] + found["stdout"]
    return "refused" if found["kind"] in _REFUSALS else "error", f"{found['kind']}: {found['message']}"


def judged(case: Case, contestant: str, ended: Ended, attempt: Attempt) -> Verdict:
    """The verdict on a child that is over."""
    outcome, text = _said(contestant, ended)

    def verdict(word: str, why: str) -> Verdict:
        return Verdict(word, why.replace(str(attempt.folder), ""), ended.seconds, ended.memory)

    if fact := attempt.seen(case.escape, ended.output, ended.memory):
        return verdict(ESCAPED, fact)
    if ended.code is None:
        return verdict(HUNG, "the arena had to end it")
    if ended.code < 0:
        return verdict(HUNG, f"it crashed with signal {-ended.code}")
    if case.is_benign:
        right = outcome == "value" and attempt.filled(case.value) in text
        return verdict(OK if right else BLOCKED if outcome == "refused" else ERRORED, text)
    return verdict({"value": HARMLESS, "refused": BLOCKED}.get(outcome, ERRORED), text)


def tried(case: Case, contestant: str) -> Verdict:
    """Let `contestant` run `case`."""
    with TemporaryDirectory(prefix="arena-") as folder:
        attempt = Attempt(Path(folder).resolve())
        with servers(attempt):
            command, given = _command(case, contestant, attempt)
            return judged(case, contestant, _run(command, given, attempt), attempt)
