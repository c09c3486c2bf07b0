"""A client has the methods of a runtime, and they give what the runtime gives: in this process, and over HTTP."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest

import vigyc
from client.served import served
from vigyc.lang.errors import Conflict, Invalid, NotFound, Stale
from vigyc.model.codec import to_json
from vigyc.service.async_enhancement import AsyncEnhancement
from vigyc.service.async_runtime import AsyncRuntime
from vigyc.service.audit import Wanted
from vigyc.service.enhancement import Enhancement
from vigyc.service.kv import Kv
from vigyc.service.runtime import Runtime
from vigyc.surfaces.client.async_client import AsyncClient, AsyncRemoteEnhancement, AsyncRemoteKv
from vigyc.surfaces.client.client import Client
from vigyc.surfaces.client.enhancement import RemoteEnhancement
from vigyc.surfaces.client.kv import RemoteKv
from vigyc.surfaces.wire import answers, uses
from vigyc.surfaces.wire.door import LocalDoor

HERE = {"open", "start", "stop", "step", "wait", "drain", "close"}
WORKS = {"start", "stop", "drain"}
HELLO = """(vigy-log "info" (format "tick {}" (vigy-incr "n")))
(vigy-condition "Ready" #t "why" "well")
(vigy-desired "replicas" 3)
(vigy-pull "image")
"""
NOISY = (
    '(require "lib/fetch" :as lib) (lib/fetch "/x") (http-get "https://b.example") (fs-read "data/a") (env-get "HOME")'
)
FETCH = "(provide fetch)\n(define (fetch url) (http-get url))"

Asked: TypeAlias = Runtime | Client


def _methods(kind: type) -> dict[str, inspect.Signature]:
    return {
        name: inspect.signature(found)
        for name, found in inspect.getmembers(kind, inspect.isroutine)
        if not name.startswith("_")
    }


def _parameters(signature: inspect.Signature) -> list[tuple[str, Any, Any]]:
    return [(each.name, each.kind, each.default) for each in signature.parameters.values()]


@pytest.mark.parametrize(
    ("ours", "theirs", "missing"),
    [
        (Client, Runtime, HERE), (AsyncClient, AsyncRuntime, HERE), (RemoteKv, Kv, set()),
        (RemoteEnhancement, Enhancement, WORKS), (AsyncRemoteEnhancement, AsyncEnhancement, WORKS),
    ],
)  # fmt: skip
def test_the_methods_and_their_parameters_are_those_of_a_runtime(ours: type, theirs: type, missing: set[str]) -> None:
    mine, known = _methods(ours), _methods(theirs)
    assert known.keys() - mine.keys() <= missing
    assert mine.keys() - known.keys() <= {"connect"}
    for name in (mine.keys() & known.keys()) - {"close"}:
        assert _parameters(mine[name]) == _parameters(known[name]), name


def test_what_is_awaited_is_all_there_is() -> None:
    assert _methods(AsyncClient).keys() == _methods(Client).keys()
    assert _methods(AsyncRemoteEnhancement).keys() == _methods(RemoteEnhancement).keys()
    assert _methods(AsyncRemoteKv).keys() - {"vigy"} == _methods(RemoteKv).keys()


def test_a_client_is_loaded_without_what_connects_it() -> None:
    assert vigyc.Client is Client
    assert vigyc.AsyncClient is AsyncClient


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    policy = vigyc.Policy.of("fs.read:data", "net:a.example", "env:HOME", base=str(tmp_path))
    with Runtime.open(tmp_path / "vigy.db", policy=policy, time=vigyc.VirtualTime()) as runtime:
        yield runtime


@pytest.fixture(params=["local", "http"])
def client(request: pytest.FixtureRequest, runtime: Runtime) -> Iterator[Client]:
    if request.param == "local":
        with Client(LocalDoor(runtime)) as client:
            yield client
        return
    with served(runtime) as server, Client.connect(server.url, server.admin) as client:
        yield client


def _same(runtime: Runtime, client: Client, ask: Callable[[Asked], Any]) -> Any:
    """What both give to the same question."""
    one, other = ask(runtime), ask(client)
    assert one == other
    assert one.__class__ is other.__class__
    return one


def test_registering_and_changing(runtime: Runtime, client: Client) -> None:
    done = client.register(
        HELLO, name="a/b c", every="1h", labels={"team": "ü"}, deadline="3s", author="ann", note="first"
    )  # fmt: skip
    assert (done.created, done.vigy) == (True, runtime.get("a/b c"))
    assert (done.vigy.deadline_ms, done.vigy.labels, done.vigy.schedule) == (
        3000,
        {"team": "ü"},
        vigyc.every(3_600_000),
    )
    again = client.register(HELLO, name="a/b c")
    assert (again.created, again.changed, again.findings) == (False, False, [])

    after = client.update("a/b c", deadline=None, schedule=vigyc.Cron("*/5 * * * *"), enabled=False, labels={})
    assert after == runtime.get("a/b c")
    assert (after.deadline_ms, after.enabled, after.labels) == (None, False, {})
    assert client.update("a/b c", program="(vigy-noop)", author="bob", note="less").version == 2
    assert client.rollback("a/b c", 1, author="cy").version == 3
    _same(runtime, client, lambda it: it.versions("a/b c"))
    _same(runtime, client, lambda it: it.version("a/b c", 2))
    assert "-(vigy-noop)" in _same(runtime, client, lambda it: it.diff("a/b c", 2, 3))
    assert client.enable("a/b c").enabled
    assert not client.disable("a/b c").enabled

    vigy = runtime.get("a/b c")
    assert client.delete("a/b c") == vigy
    assert runtime.list() == client.list() == []


def test_looking(runtime: Runtime, client: Client) -> None:
    for name in ("one", "two", "three"):
        runtime.register(HELLO + f";; {name}", name=name, every="1h", labels={"n": name})
    runtime.tick("one")
    runtime.tick("two")
    _same(runtime, client, lambda it: it.list())
    _same(runtime, client, lambda it: it.list("n=two"))
    _same(runtime, client, lambda it: it.get(runtime.get("two").id[:10]))
    _same(runtime, client, lambda it: list(map(answers.overview_json, it.overview())))
    first = _same(runtime, client, lambda it: answers.page_json(it.browse(sort="name", limit=2, search="t")))
    assert (first["total"], len(first["items"])) == (2, 2)
    page = client.browse(sort="name", limit=2)
    assert [each.vigy.name for each in page.items] == ["one", "three"]
    assert [each.vigy.name for each in client.browse(sort="name", cursor=page.next).items] == ["two"]
    assert client.browse(phase="disabled", failing=True).total == 0
    _same(runtime, client, lambda it: it.next(2))
    _same(runtime, client, lambda it: it.next(2000, "n=one"))
    _same(runtime, client, lambda it: it.explain("three"))
    _same(runtime, client, lambda it: it.standing("one"))
    _same(runtime, client, lambda it: it.state("one")._replace(captured_at=0))
    runs = _same(runtime, client, lambda it: it.runs())
    assert len(runs) == 2
    _same(runtime, client, lambda it: it.run(runs[0].id))
    _same(runtime, client, lambda it: it.runs("one", limit=1, results=["ok"]))
    _same(runtime, client, lambda it: it.runs(before=runs[0].seq))
    _same(runtime, client, lambda it: it.runs(limit=0))
    _same(runtime, client, lambda it: it.notices())
    _same(runtime, client, lambda it: it.notices(2, 2))
    _same(runtime, client, lambda it: it.health())
    assert client.stats()["total"] == 3


def test_pages_are_put_together(runtime: Runtime, client: Client) -> None:
    runtime.register("(vigy-noop)", name="one", every="1h")
    for number in range(1015):
        runtime.kv("one").set("n", number)
    assert [each.seq for each in client.notices(0, 1010)] == list(range(1, 1011))
    assert len(client.notices(0, 5000)) == len(runtime.notices(0, 5000)) == 1016


def test_ticking(runtime: Runtime, client: Client, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a").write_text("what it says")
    runtime.register('(vigy-set "text" (fs-read "data/a")) (vigy-pull "image")', name="reads", every="1h")
    tried = client.dry_run("reads")
    assert tried.vigy == runtime.get("reads")
    assert [tuple(change) for change in tried.changes] == [tuple(change) for change in runtime.dry_run("reads").changes]
    run = client.tick("reads")
    assert run == runtime.run(run.id)
    assert client.tick("reads", 5.0).tick == 2
    replayed = client.replay(run.id)
    local = runtime.replay(run.id)
    assert (replayed.run, replayed.differences) == (local.run, ())
    assert [call.to_json() for call in replayed.calls] == [call.to_json() for call in local.calls]
    assert replayed.again._replace(report=None) == local.again._replace(report=None)  # type: ignore[arg-type]
    resolved = client.resolve(run.id, 0, "failed", "no such image")
    assert resolved == runtime.run(run.id)
    assert resolved.actions[0].message == "no such image"


def test_holding_back(runtime: Runtime, client: Client) -> None:
    runtime.register("(vigy-noop)", name="one", every="1h")
    runtime.tick("one")
    client.pause()
    assert runtime.overview()[0].phase == "paused"
    client.resume()
    assert runtime.overview()[0].phase == "waiting"


def test_kv(runtime: Runtime, client: Client) -> None:
    runtime.register("(vigy-noop)", name="one", every="1h")
    kv = client.kv("one")
    assert kv.vigy == runtime.get("one")
    kv.set("a/b ü%2F", {"deep": [1, 2.5, None, "x"]})
    kv.set("..", -5)
    kv.set("none", None)
    assert kv.vigy == runtime.get("one")
    assert kv.items() == runtime.kv("one").items()
    assert kv.items("a") == [("a/b ü%2F", {"deep": [1, 2.5, None, "x"]})]
    assert (kv.get(".."), kv.get("none"), kv.get("nothing", 7)) == (-5, None, 7)
    assert kv.delete("..")
    assert not kv.delete("..")
    kv.replace({"x": 1}, merge=True)
    assert set(kv.export()) == {"a/b ü%2F", "none", "x"}
    kv.replace({})
    assert runtime.kv("one").export() == {}
    with pytest.raises(NotFound, match="has no key 'x'"):
        kv.get("x")
    with pytest.raises(Invalid, match="only by force"):
        kv.set("__x", 1)
    kv.set("__x", 1, force=True)
    for bad in (lambda: kv.set("x", {1}), lambda: kv.replace({"x": {1: 2}})):
        with pytest.raises(Invalid, match="the value of key 'x'"):
            bad()


def test_programs_and_policies(runtime: Runtime, client: Client, tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "fetch.tatara").write_text(FETCH)
    there = {"lib/fetch": FETCH}
    checked = _same(runtime, client, lambda it: uses.checked_json(it.check(NOISY, "x", {}, there), NOISY))
    assert [each["id"] for each in checked["refused"]] != []
    _same(runtime, client, lambda it: it.check("(car 1 2)"))
    runtime.register('(define u "https://a.example/") (try (http-get u) (catch (e) 1))', name="gets", every="1h")
    _same(runtime, client, lambda it: it.python("gets"))
    audited = _same(runtime, client, lambda it: list(map(uses.audited_json, it.audit())))
    assert audited[0]["effects"] == ["net"]
    assert client.audit()[0].vigy == runtime.get("gets")
    assert _same(runtime, client, lambda it: len(it.audit(Wanted(kinds=("fs.read",)), "a=b"))) == 0
    assert runtime.policy("gets").to_json() == client.policy("gets")
    assert _same(runtime, client, lambda it: it.decide("gets", "fs.read", "data/x")).allowed
    assert not _same(runtime, client, lambda it: it.decide("gets", "fs.write", "data/x")).allowed


def test_what_a_program_requires_is_sent_with_it(runtime: Runtime, client: Client, tmp_path: Path) -> None:
    (tmp_path / "lib.tatara").write_text('(provide name)\n(define (name) "from here")')
    text = '(require "lib" :as lib) (vigy-set "name" (lib/name))'
    file = tmp_path / "main.tatara"
    done = client.register(text, name="one", every="1h", filename=file, modules=vigyc.ModuleFiles())
    lib = (tmp_path / "lib.tatara").read_text()
    (tmp_path / "lib.tatara").unlink()
    assert done.vigy.modules == {"names": {"": {"lib": "lib.tatara"}}, "texts": {"lib.tatara": lib}}
    assert client.tick("one").result == "ok"
    assert runtime.kv("one").get("name") == "from here"
    after = client.update("one", modules={"lib": '(provide name) (define (name) "anew")'})
    assert after.version == 2
    assert client.tick("one").result == "ok"
    assert runtime.kv("one").get("name") == "anew"
    lacking = '(require "nowhere") (car 1 2)'
    findings = runtime.register(lacking, name="two", modules={}).findings
    runtime.delete("two")
    assert client.register(lacking, name="two", modules={}).findings == findings != []


STEADY = '(if (vigy-has? "n") (vigy-noop) (vigy-set "n" 1))'
QUICK = ["reads", "canonical", "noop", "compiles", "capabilities"]


def test_better_programs(runtime: Runtime, client: Client) -> None:
    runtime.register(STEADY, name="one", every="1h")
    mine = client.enhance.put_setting("mine", {"verifiers": QUICK, "canary": {"watch_ticks": 0}, "replay_changes": 1})
    assert mine == runtime.enhance.setting("mine")
    assert client.enhance.pause("mine", "not yet").paused == "not yet"
    patch = {"source": STEADY.replace("1", "2"), "bump": "major"}
    done = client.enhance.submit(
        "one", "two of it", constraints={"most": [2, None]}, proposal=patch, setting="mine", author="ann", key="k"
    )  # fmt: skip
    assert done.created
    assert done.issue == runtime.enhance.issue(done.issue.id)
    again = client.enhance.submit(
        "one", "two of it", constraints={"most": [2, None]}, proposal=patch, setting="mine", author="ann", key="k"
    )  # fmt: skip
    assert (again.created, again.issue.id) == (False, done.issue.id)
    assert client.enhance.wait(done.issue.id, 0.01).state == "pending"
    assert client.enhance.cancel(done.issue.id, note="no").reasons[0].endswith(": no")
    assert client.enhance.wait(done.issue.id).state == "cancelled"
    assert client.enhance.retry(done.issue.id).state == "pending"
    assert client.enhance.approve(done.issue.id, author="cy").approved_by == "cy"
    assert client.enhance.resume("mine").paused is None
    runtime.enhance.submit("one", "nothing", setting="mine")
    assert runtime.enhance.drain() == 2
    assert client.enhance.wait(done.issue.id).version == 2
    assert _same(runtime, client, lambda it: it.versions("one"))[0].label == "1.0.0"
    issues = _same(runtime, client, lambda it: it.enhance.issues())
    assert [issue.state for issue in issues] == ["rejected", "applied"]
    assert _same(runtime, client, lambda it: it.enhance.issues("one", states=["applied"])) == issues[1:]
    assert _same(runtime, client, lambda it: it.enhance.issues(before=issues[0].id, limit=1)) == issues[1:]
    assert _same(runtime, client, lambda it: it.enhance.issues(limit=0)) == []
    epochs = _same(runtime, client, lambda it: it.enhance.log("one"))
    assert len(epochs) == 2
    assert len(_same(runtime, client, lambda it: it.enhance.log(before=epochs[0].seq, issue=issues[1].id))) == 1
    _same(runtime, client, lambda it: it.enhance.epoch(epochs[0].id[:30]))
    _same(runtime, client, lambda it: it.enhance.settings())
    _same(runtime, client, lambda it: it.enhance.setting())
    _same(runtime, client, lambda it: it.enhance.status())
    verdicts = _same(
        runtime, client, lambda it: tuple(v._replace(duration_us=0) for v in it.enhance.verify("one", "(car", "mine"))
    )  # fmt: skip
    assert not verdicts[0].passed
    client.enhance.remove_setting("mine")
    assert [setting.name for setting in runtime.enhance.settings()] == ["default"]


def test_who_approves_is_whose_token_it_is_unless_it_is_said(runtime: Runtime) -> None:
    runtime.register(STEADY, name="one", every="1h")
    issue = runtime.enhance.submit("one", "more").issue
    with served(runtime) as server, Client.connect(server.url, server.admin) as client:
        assert client.enhance.approve(issue.id).approved_by == "admin"
        assert client.enhance.submit("one", "less").issue.author == "admin"


@pytest.mark.parametrize(
    ("ask", "error"),
    [
        (lambda it: it.get("nobody"), NotFound),
        (lambda it: it.get("hallo"), NotFound),
        (lambda it: it.register("(car", name="x"), vigyc.CompileError),
        (lambda it: it.register('(http-get "https://b.example")', name="x"), vigyc.NotAllowed),
        (lambda it: it.register("(vigy-noop)", name="hello"), Conflict),
        (lambda it: it.register("(vigy-noop)", name=""), Invalid),
        (lambda it: it.register("  ", name="x"), Invalid),
        (lambda it: it.register("1", name="x", every="0s"), Invalid),
        (lambda it: it.register("1", name="x", every=1, schedule=vigyc.every(5)), Invalid),
        (lambda it: it.register("1", name="x", deadline="long"), Invalid),
        (lambda it: it.register("1", name="x", schedule="daily"), Invalid),
        (lambda it: it.register("1", name="x", schedule=vigyc.every("1h")), Invalid),
        (lambda it: it.register("1", name="x", labels={"a": 1}), Invalid),
        (lambda it: it.register("1", name="x", labels=["a"]), Invalid),
        (lambda it: it.update("hello", name="y", generation=99), Stale),
        (lambda it: it.rollback("hello", 9), NotFound),
        (lambda it: it.run("0000"), NotFound),
        (lambda it: it.replay("0000"), NotFound),
        (lambda it: it.runs(limit=-1), Invalid),
        (lambda it: it.browse(cursor="zzz"), Invalid),
        (lambda it: it.list("=,="), Invalid),
        (lambda it: it.subscribe(kinds=["nothing"]), Invalid),
        (lambda it: it.subscribe(vigy="nobody"), NotFound),
        (lambda it: it.decide("hello", "nothing"), Invalid),
        (lambda it: it.enhance.submit("nobody", "x"), NotFound),
        (lambda it: it.enhance.submit("hello", " "), Invalid),
        (lambda it: it.enhance.submit("hello", "x", proposal={"edits": [{}]}), Invalid),
        (lambda it: it.enhance.submit("hello", "x", setting="nowhere"), NotFound),
        (lambda it: it.enhance.issue("zzz"), NotFound),
        (lambda it: it.enhance.issues(states=["gone"]), Invalid),
        (lambda it: it.enhance.issues(states="pending"), Invalid),
        (lambda it: it.enhance.issues(limit=-1), Invalid),
        (lambda it: it.enhance.wait("zzz", 0.01), NotFound),
        (lambda it: it.enhance.cancel("zzz"), NotFound),
        (lambda it: it.enhance.log(limit=-1), Invalid),
        (lambda it: it.enhance.epoch("zzz"), NotFound),
        (lambda it: it.enhance.setting("nowhere"), NotFound),
        (lambda it: it.enhance.put_setting("x", {"verifiers": []}), Invalid),
        (lambda it: it.enhance.put_setting("x", {"nonsense": 1}), Invalid),
        (lambda it: it.enhance.remove_setting("nowhere"), NotFound),
        (lambda it: it.enhance.pause("default", " "), Invalid),
        (lambda it: it.enhance.verify("nobody", "1"), NotFound),
    ],
)  # fmt: skip
def test_what_is_refused_here_is_refused_there_in_the_same_words(
    ask: Callable[[Asked], Any], error: type[Exception], runtime: Runtime, client: Client
) -> None:
    runtime.register(HELLO, name="hello", every="1h")
    with pytest.raises(error) as theirs:
        ask(runtime)
    with pytest.raises(error) as ours:
        ask(client)
    assert str(ours.value) == str(theirs.value)
    assert ours.type is theirs.type


def test_hearing(runtime: Runtime, client: Client) -> None:
    runtime.register(HELLO, name="hello", every="1h")
    runtime.register("(vigy-noop)", name="quiet", every="1h")
    with client.subscribe(vigy="hello", kinds=["run"]) as stream:
        run = runtime.tick("hello")
        runtime.tick("quiet")
        heard = stream.get(10)
        assert heard is not None
        assert to_json(heard) == to_json(runtime.notices(heard.seq - 1, 1)[0])
        assert (heard.run_id, stream.seq) == (run.id, heard.seq)
        assert stream.get(0) is None
    assert stream.closed
    assert stream.get() is None
    with client.subscribe(0) as stream:
        assert [next(iter(stream)).kind for _ in range(2)] == ["registered", "registered"]
