"""What the docs say of a server is done to one: shell lines, Python, and the examples of clients, as they stand."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.serving import PATIENCE, Running, serve, until
from examples.docs import ROOT, blocks, programs
from examples.world import EXAMPLES

DOCUMENTED = "http://127.0.0.1:38821"
CLIENTS = EXAMPLES / "clients"
SCALE = '(vigy-set "running" (vigy-get "wanted" 3))'


class Site:
    """A server that runs in `place`, and whoever talks to it from there."""

    def __init__(self, place: Path, server: Running) -> None:
        self.place = place
        said = "".join(server.err)
        self.url = self._found(r"(http://\S+:\d+)/ ", said)
        self.grpc = self._found(r"gRPC at (\S+)", said)

    @staticmethod
    def _found(pattern: str, said: str) -> str:
        found = re.search(pattern, said)
        assert found, said
        return found[1]

    def run(self, *command: str | Path) -> str:
        """What a command prints that ends well. It is one of a shell that has the command `vigyc`."""
        programs = self.place / "bin"
        environment = {
            **os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(self.place),
            "VIGY_DB": str(self.place / "vigy.db"), "VIGYC_CACHE_DIR": str(self.place / "cache"),
            "VIGYC_TOKEN": (self.place / "token").read_text("utf-8").strip(),
        }  # fmt: skip
        done = subprocess.run(
            command, cwd=self.place, env=environment, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def shell(self, page: str) -> str:
        """What the lines of a page print, all in one shell that ends at the first that fails."""
        lines = "".join(blocks(page, "sh")).replace(DOCUMENTED, self.url)
        return self.run("bash", "-euo", "pipefail", "-c", lines)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A server with everything, on a store of its own."""
    (tmp_path / "scale.tatara").write_text(SCALE, "utf-8")
    programs = tmp_path / "bin"
    programs.mkdir()
    program = programs / "vigyc"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m vigyc "$@"\n', "utf-8")
    program.chmod(0o755)
    db = tmp_path / "vigy.db"
    with serve(db, "--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0", "--mcp") as server:
        assert until(lambda: any("ticking" in line for line in list(server.err)), PATIENCE), server.err
        found = subprocess.run(
            [program, "token", "show", "admin", "--db", db], capture_output=True, text=True, check=True, timeout=60
        )
        (tmp_path / "token").write_text(found.stdout, "utf-8")
        yield Site(tmp_path, server)


def test_the_tour_of_a_server(site: Site) -> None:
    said = site.shell("docs/server.md")
    told = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    results = [each["result"] for each in told if "result" in each]
    assert results == ["ok", "failed", "ok"]
    assert '{"key":"ticks","value":100}' in said
    assert "x-total-count: 1" in said.lower()
    assert "changed meanwhile" in said
    assert said.count("two seconds are over") == 2
    assert "event: run" in said
    assert {"data": {"tickVigy": {"result": "OK"}}} in told


def test_the_commands_asked_of_a_server(site: Site) -> None:
    said = site.shell("docs/client.md")
    assert "scale" in said
    assert "ok" in said


TOLD = {
    "client.py": ["ok", "True", "unmatched opening paren"],
    "async_client.py": ["ok"],
}


@pytest.mark.parametrize("name", TOLD)
def test_the_python_of_a_client(name: str, site: Site) -> None:
    named = {match[1]: text for text in programs("docs/client.md") if (match := re.match(r"# (\S+)", text))}
    assert named.keys() == TOLD.keys()
    program = named[name].replace(DOCUMENTED, site.url)
    assert site.run(sys.executable, "-W", "error", "-c", program).splitlines() == TOLD[name]


def test_the_example_by_curl(site: Site) -> None:
    said = site.run(CLIENTS / "rest.sh", site.url)
    sections = [line for line in said.splitlines() if line.startswith("==")]
    assert len(sections) == 7
    assert re.findall(r"^event: (\w+)$", said, re.MULTILINE) == ["run", "run"]
    assert re.findall(r'^\{"actions".*"result":"(\w+)"', said, re.MULTILINE) == ["ok", "failed", "ok"]
    assert "type mismatch: expected number, got nil" in said


def test_the_example_by_the_client(site: Site) -> None:
    said = site.run(sys.executable, "-W", "error", CLIENTS / "python_client.py", site.url).splitlines()
    assert said[:2] == ["asked for: ok", "heard of:  ok"]
    assert said[2].startswith("version 2: failed - type mismatch: expected number, got nil")
    assert said[3].startswith("It is backing-off: ")
    assert said[4] == "repaired:  ok"


def test_the_example_by_grpc(site: Site) -> None:
    said = site.run(sys.executable, "-W", "error", CLIENTS / "grpc_client.py", site.grpc).splitlines()
    assert said[0] == "registered grpc-example"
    ticks = [int(number) for number in re.findall(r"^tick (\d+): RESULT_STATUS_OK$", "\n".join(said), re.MULTILINE)]
    assert ticks == [ticks[0], ticks[0] + 1]
    assert said[3] == "NOT_FOUND - not-found"


def test_the_example_for_ai_clients(site: Site) -> None:
    """The command line of the file serves: it answers what a client says first."""
    (given,) = json.loads((CLIENTS / "mcp.json").read_text("utf-8"))["mcpServers"].values()
    assert given["command"] == "vigyc"
    hello = {
        "jsonrpc": "2.0", "id": 1, "method": "initialize",
        "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
    }  # fmt: skip
    words = [site.place / "vigy.db" if word == "/path/to/vigy.db" else word for word in given["args"]]
    done = subprocess.run(
        [site.place / "bin" / given["command"], *words], input=json.dumps(hello) + "\n", capture_output=True, text=True,
        check=True, timeout=60,
    )  # fmt: skip
    assert json.loads(done.stdout)["result"]["serverInfo"]["name"] == "vigyc"


def test_the_tabs_and_keys_of_the_dashboard_are_those_of_its_page() -> None:
    page = (ROOT / "docs" / "dashboard.md").read_text("utf-8")
    static = ROOT / "src" / "vigyc" / "surfaces" / "web" / "static"
    tabs = re.search(r"^const TABS = \[(.*)\];$", (static / "views" / "vigy.js").read_text("utf-8"), re.MULTILINE)
    keys = re.search(
        r"^const KEYS = \[(.*?)^\];$", (static / "keyboard.js").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    assert tabs
    assert keys
    told = page.partition("| tab of a vigy |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| ([A-Z]\w+) \|", told, re.MULTILINE) == re.findall(r'\["\w+", "(\w+)"', tabs[1])
    known = {word for shown in re.findall(r'\["([^"]+)", "', keys[1]) for word in shown.replace("\u2026", " ").split()}
    shown = {word for text in re.findall(r"`([^`]+)`", page.partition("| key |")[2]) for word in text.split()}
    assert known == shown
