"""Every command says the same of a server as of a file: the same lines, the same errors, the same exit codes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import Result

from cli.shell import objects, vigyc
from client.served import Served, served
from vigyc.service.runtime import Runtime
from vigyc.surfaces.cli.store_access import opened
from vigyc.surfaces.client.client import Client

HELLO = """(vigy-log "info" (format "tick {}" (vigy-incr "n")))
(vigy-condition "Ready" #t "why" "well")
(vigy-desired "replicas" 3)
(vigy-pull "image")
"""
FILES = {
    "hello": HELLO,
    "shorter": '(vigy-set "n" 1)',
    "fails": '(vigy-set "n" 1)\n(+ 1 "x")',
    "broken": "(vigy-set",
    "warns": "(define unused 1) (car 1 2)",
    "wants": '(http-get "https://b.example/x")',
    "tries": '(try (fs-read (string-append "/etc/" "hostname")) (catch (e) (vigy-set "e" (error-message e))))',
    "reads": '(vigy-set "text" (fs-read "PLACE/data.txt"))',
    "lib": "(provide twice)\n(define (twice n) (* 2 n))",
    "requires": '(require "lib" :as lib) (vigy-set "n" (lib/twice 21))',
    "patch": '{"edits": [{"op": "replace", "path": [9], "old": "1", "new": "2"}]}',
    "lacks": '(require "nowhere" :as lib) (lib/x)',
}
NEVER = ("--cron", "0 0 1 1 *")

SCRIPT = """
list
list -o json
register {hello} --name hello --cron|0 0 1 1 * --label team=a --note first --deadline 3s
register {hello} --name hello
register {hello} --name hello --disabled -o json
register {shorter} --name hello
register {shorter} --name=
register {shorter} --name x --every 1ms
register {shorter} --name x --deadline never
register {shorter} --name x --label ü --disabled
register {broken} --name broken
register {warns} --name warns --disabled
register {wants} --name wants
register {tries} --name tries --disabled
register {reads} --name reads --disabled
register {requires} --name requires --disabled -o json
register {lacks} --name lacks --disabled
register {nothing} --name x
list
list --selector team=a -o jsonl
list --selector team=b
list --selector =
list --search HELL
list --search nobody
list --phase disabled --sort name -o jsonl
list --sort attention --limit 2
list --not-failing --limit 2 -o json
list --limit 0
inspect hello
inspect hallo
inspect requires -o json
enable hello
next
next -o json
explain hello
explain hello -o json
explain nobody
tick hello
tick hello -o json
tick tries --fail-on-denied
tick reads
tick warns
tick requires --dry-run
tick requires --dry-run -o json
tick requires
tick lacks
tick nobody
list
list -o json
inspect hello
inspect hello -o json
state hello
state hello -o json
state nobody
runs
runs hello --limit 1 -o json
runs --result failed -o jsonl
runs nobody
runs --run zzz
resolve zzz 0 ok
resolve zzz 0 odd
denials
denials tries -o json
denials tries --limit 1 --before 3
denials nobody
policy show hello
policy show hello -o json
policy show nobody
policy decide hello fs.read /etc/passwd
policy decide hello fs.read /etc/passwd -o json
policy decide hello proc ls_-l
policy decide hello fs.raed x
policy decide hello time
policy decide nobody time
python hello
python requires -o json
python nobody
list --failing -o json
kv ls hello
kv set hello a/b {"x":[1,null,"ü"]}
kv set hello .. -5
kv set hello __x 1
kv set hello __x 1 --force
kv set hello b oops
kv get hello a/b
kv get hello a/c
kv get hello ..
kv ls hello a -o json
kv rm hello .. --yes -o json
kv rm hello .. --yes
kv export hello
kv export nobody
explain tries
update hello --label team- --label more=1 --name hi
update hi --label nolabel-
update hi --program {shorter} --note less
update hi --program {broken}
update hi --program {wants}
update hi --program {requires} -o json
update hi --deadline none --every 2h --offset 1m
update hi
update hi --name reads
versions hi
versions hi -o json
versions hi 1
versions hi 9
diff hi
diff hi 1 2 -o json
diff reads
rollback hi 1 --yes
rollback hi 1 --yes
rollback hi 8 --yes
issue list
enhance pause
issue submit hi better --patch {patch} --key k
issue submit hi better --patch {patch} --key k -o json
issue submit hi better --patch {shorter}
issue submit hi better --constraint x
issue submit nobody better
issue list
issue list hi --state cancelled -o json
issue list --state gone
issue show zzz
issue wait zzz
issue cancel zzz
issue retry zzz
issue approve zzz
enhance log -o json
enhance log --issue zzz
enhance log --epoch zzz
enhance settings
enhance settings mine --set replays=3 --set verifiers=[]
enhance settings mine --set replays=3 -o json
enhance settings mine --set verifiers=["replay"]
enhance settings mine
enhance pause mine --reason why
enhance pause mine -o json
enhance resume mine
enhance verify hi {broken} --setting mine
enhance verify hi {broken} --setting mine -o json
enhance verify hi {nothing}
enhance settings mine --delete
enhance settings mine --delete
enhance settings -o json
disable hi
disable hi -o json
audit
audit -o json
audit --effect fs.read
audit --effect nothing
replay zzz
tail -n 100 -o jsonl
tail -n 3 -o table
tail -n 5 --kind log --vigy hi -o table
tail -n 5 --vigy nobody
tail --no-follow --after 3 -o jsonl
tail --no-follow --since 1h --grep tick -o table
delete nobody --yes
delete hi
delete hi tries --yes
delete reads --yes --keep-data -o json
list
"""


class Both(NamedTuple):
    """A folder with programs, a file that a runtime ticks, and a server on another, for the same command lines."""

    place: Path
    file: Path
    server: Served

    def __call__(self, *args: str) -> tuple[Result, Result]:
        """The command line upon the file, and upon the server."""
        there = ("--server", self.server.url, "--token", self.server.admin)
        return vigyc(*args, "--db", self.file), vigyc(*args, *there)


@pytest.fixture
def both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Both]:
    for name, text in FILES.items():
        (tmp_path / f"{name}.tatara").write_text(text.replace("PLACE", str(tmp_path)), "utf-8")
    (tmp_path / "data.txt").write_text("what it says")
    (tmp_path / "policy.toml").write_text(f'grants = ["fs.read:{tmp_path}"]\n')
    monkeypatch.setenv("VIGYC_POLICY", str(tmp_path / "policy.toml"))
    file, other = tmp_path / "file.db", tmp_path / "other.db"
    with opened(file) as ticking, opened(other) as runtime:
        ticking.start()
        runtime.start()
        with served(runtime) as server:
            yield Both(tmp_path, file, server)


MASKS = (
    (r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", "RUN"),
    (r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z", "TIME"),
    (r'"(?:duration|at)_us":[0-9]+', "TOOK"),
    (r"due (?:now|(?:in|for) [0-9.dhms]+)", "DUE"),
    (r"\b(?:[0-9.]+(?:us|ms|s|m|h|d))+\b(?: ago)?", "SPAN"),
    (r" {2,}", "  "),
    (r"process [0-9]+|this runtime", "OWNER"),
    (r'"holder":"[^"]*"', "HOLDER"),
)


def _masked(text: str) -> str:
    for pattern, name in MASKS:
        text = re.sub(pattern, name, text)
    return text


def _told(result: Result) -> tuple[int, str, str]:
    return result.exit_code, _masked(result.stdout), _masked(result.stderr)


def _words(line: str, place: Path) -> list[str]:
    for name in (*FILES, "nothing"):
        line = line.replace(f"{{{name}}}", str(place / f"{name}.tatara"))
    return line.replace("|0 0 1 1 *", " 0_0_1_1_*").split(" ")


def test_a_server_answers_as_a_file_does(both: Both) -> None:
    codes = set()
    for line in SCRIPT.strip().splitlines():
        words = [word.replace("_", " ") if word == "0_0_1_1_*" else word for word in _words(line, both.place)]
        here, there = map(_told, both(*words))
        assert here == there, line
        assert here[0] != 70, here
        codes.add(here[0])
    assert codes == {0, 1, 2, 3, 4}


def test_a_run_is_found_by_its_id(both: Both) -> None:
    for place in (("--db", str(both.file)), ("--server", both.server.url, "--token", both.server.admin)):
        vigyc("register", both.place / "reads.tatara", "--name", "reads", "--disabled", *place)
        (run,) = objects(vigyc("tick", "reads", "-o", "json", *place).stdout)
        assert vigyc("runs", "--run", run["id"][:20], *place).exit_code == 0
        done = vigyc("replay", run["id"], *place)
        assert (done.exit_code, done.stderr) == (0, "")
        assert "the replay is as the run was" in done.stdout
        (found,) = objects(vigyc("replay", run["id"], "-o", "json", *place).stdout)
        assert [call["name"] for call in found["calls"]] == ["fs-read"]
        assert found["calls"][0]["args"] == [str(both.place / "data.txt")]


def test_what_came_of_an_action(both: Both) -> None:
    for place in (("--db", str(both.file)), ("--server", both.server.url, "--token", both.server.admin)):
        vigyc("register", both.place / "hello.tatara", "--name", "hello", "--disabled", *place)
        (run,) = objects(vigyc("tick", "hello", "-o", "json", *place).stdout)
        done = vigyc("resolve", run["id"], "0", "failed", "--message", "no disk", *place)
        assert (done.exit_code, done.stderr) == (0, "")
        assert done.stdout == f'✓ action 0 of run {run["id"]}: pull  "image"  failed  no disk\n'
        assert objects(vigyc("state", "hello", "-o", "json", *place).stdout)[0]["pending"] == []


def test_a_file_is_as_well_as_the_server_that_ticks_it(both: Both) -> None:
    here, there = both("health", "-o", "json")
    assert here.exit_code == there.exit_code == 0
    (file,), (server,) = objects(here.stdout), objects(there.stdout)
    assert file["health"]["status"] == server["health"]["status"] == "ok"
    assert file["health"].keys() == server["health"].keys()
    assert file["stats"].keys() == server["stats"].keys()


def test_kv_files(both: Both) -> None:
    for place in (("--db", str(both.file)), ("--server", both.server.url, "--token", both.server.admin)):
        vigyc("register", both.place / "shorter.tatara", "--name", "one", "--disabled", *place)
        assert vigyc("kv", "import", "one", "-", "--yes", *place, given='{"a": 1, "b": [2]}').exit_code == 0
        assert vigyc("kv", "export", "one", both.place / "out.json", *place).exit_code == 0
        assert (both.place / "out.json").read_text() == '{"a":1,"b":[2]}\n'


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    with Runtime.open(tmp_path / "vigy.db") as runtime, served(runtime) as server:
        runtime.register("(vigy-noop)", name="one", every="1h")
        yield server


def test_where_the_server_is_named(server: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").write_text(f"{server.admin}\n")
    assert "one" in vigyc("list", "--server", server.url, "--token-file", tmp_path / "token").stdout
    monkeypatch.setenv("VIGYC_SERVER", server.url)
    monkeypatch.setenv("VIGYC_TOKEN", server.admin)
    monkeypatch.setenv("VIGY_DB", str(tmp_path / "never.db"))
    assert "one" in vigyc("list").stdout
    assert vigyc("list", "--db", tmp_path / "empty.db").stdout == "no vigies registered\n"
    assert vigyc("config", "show").exit_code == 0
    assert vigyc("db", "info", "--db", tmp_path / "empty.db").exit_code == 0
    assert vigyc("db", "info").exit_code == 4  # which knows no server: of $VIGY_DB, where nothing is
    assert not (tmp_path / "never.db").exists()
    monkeypatch.setenv("VIGYC_TOKEN", "wrong")
    assert vigyc("list").exit_code == 3
    assert "one" in vigyc("list", "--token", server.admin).stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--db", "a.db", "--server", "http://a"], "give --db or --server, not both"),
        (["--token", "x", "--db", "a.db"], "a token is for a server"),
        (["--token", "x", "--token-file", "y", "--server", "http://a"], "give --token or --token-file, not both"),
        (["--token-file", "nowhere", "--server", "http://a"], "cannot read nowhere: there is no such file"),
        (["--server", "nonsense"], "the server 'nonsense': give a URL"),
    ],
)
def test_what_cannot_be_meant(words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = vigyc("list", *words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr


def test_a_server_goes_by_its_own_policy(server: Served) -> None:
    done = vigyc("tick", "one", "--grant", "net:*", "--server", server.url, "--token", server.admin)
    assert done.exit_code == 2
    assert "goes by its own policy" in done.stderr


def test_exit_codes_of_the_way_to_a_server(server: Served) -> None:
    assert vigyc("list", "--server", server.url).exit_code == 3
    assert "`vigyc token show admin`" in vigyc("list", "--server", server.url).stderr
    refused = vigyc("disable", "one", "--server", server.url, "--token", server.reader)
    assert (refused.exit_code, "takes the role operate" in refused.stderr) == (3, True)
    server.stop()
    gone = vigyc("list", "--server", server.url, "--token", server.admin)
    assert gone.exit_code == 5
    assert gone.stderr == f"vigyc: cannot reach the server at {server.url}: connection refused\n"


def test_names_are_completed_from_a_server(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMP_WORDS", f"vigyc inspect --server {server.url} --token {server.admin} o")
    monkeypatch.setenv("COMP_CWORD", "6")
    monkeypatch.setenv("_VIGYC_COMPLETE", "bash_complete")
    assert "plain,one" in vigyc().stdout
    with Client.connect(server.url, server.admin) as client:
        client.delete("one")
    assert vigyc().stdout.strip() == ""
    server.stop()
    assert vigyc().stdout.strip() == ""
