"""A runtime under policies: by name, by labels, in the engine's own threads, and asynchronously."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import vigyc

READ = '(vigy-set "text" (ok-value (fs-read (vigy-get "path" "a"))))'
BOOK = """
base = "."
[[for]]
vigy = "reader"
grants = ["fs.read:a"]
[[for]]
labels = "team=ops"
grants = ["fs.read:."]
"""


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    for name in "ab":
        (tmp_path / name).write_text(f"this is {name}")
    file = tmp_path / "policy.toml"
    file.write_text(BOOK)
    return file


def test_a_policy_is_that_of_the_name_or_of_the_labels(policy: Path) -> None:
    with vigyc.Runtime.open(policy=policy) as runtime:
        runtime.register(READ, name="reader", enabled=False)
        runtime.register(READ + ";", name="ops", labels={"team": "ops"}, enabled=False)
        with pytest.raises(vigyc.NotAllowed, match=r"there is no grant of fs\.read"):
            runtime.register(READ + "; nobody", name="nobody", enabled=False)
        for name in ("reader", "ops"):
            runtime.kv(name).set("path", "b")
        assert runtime.tick("reader").error_kind == "denied"
        assert runtime.tick("ops").result == "ok"
        assert runtime.kv("ops").get("text") == "this is b"


def test_what_loses_its_label_loses_its_policy(policy: Path) -> None:
    with vigyc.Runtime.open(policy=policy) as runtime:
        runtime.register(
            '(vigy-set "there" (fs-exists? (vigy-get "path" "a")))', name="ops", labels={"team": "ops"}, enabled=False
        )
        with pytest.raises(vigyc.NotAllowed):
            runtime.update("ops", labels={})
        assert runtime.tick("ops").result == "ok"


def test_the_engine_ticks_many_with_effects_at_once(policy: Path) -> None:
    with vigyc.Runtime.open(policy=policy) as runtime:
        for number in range(20):
            program = f'(vigy-set "text" (ok-value (fs-read "a"))) ; {number}'
            runtime.register(program, name=f"v{number}", labels={"team": "ops"}, every="20ms")
        with runtime.subscribe(kinds=["run"]) as stream:
            runtime.start()
            runs = [stream.get(5) for _ in range(100)]
        runtime.stop()
    assert {notice.run.result for notice in runs if notice is not None and notice.run is not None} == {"ok"}
    assert len({notice.vigy_id for notice in runs if notice is not None}) == 20


def test_without_a_policy_nothing_is_allowed_and_computing_is() -> None:
    with vigyc.Runtime.open() as runtime:
        runtime.register('(vigy-set "n" (str-count "aaa" "a"))', name="pure", enabled=False)
        assert runtime.tick("pure").result == "ok"
        with pytest.raises(vigyc.NotAllowed):
            runtime.register('(fs-read "a")', name="reads")


def test_what_is_no_policy_is_refused() -> None:
    with pytest.raises(vigyc.Invalid, match="it must be a policy or the path of a policy file, not int"):
        vigyc.Runtime.open(policy=5)  # type: ignore[arg-type]


def test_asynchronously_it_is_the_same(policy: Path) -> None:
    async def work() -> None:
        async with vigyc.AsyncRuntime.open(policy=policy) as runtime:
            await runtime.register(READ, name="reader", enabled=False)
            run = await runtime.tick("reader")
            assert [effect.outcome for effect in run.report.effects] == ["ok"]
            assert (await runtime.dry_run("reader")).run.result == "ok"
            assert (await runtime.replay(run.id)).differences == ()

    asyncio.run(work())


def test_a_reconciler_of_the_embedder_passes_the_gate_too(policy: Path) -> None:
    with vigyc.Runtime.open(
        policy=policy, reconciler=lambda program: vigyc.ChainReconciler([program, program])
    ) as runtime:
        runtime.register(READ, name="reader", enabled=False)
        assert [effect.name for effect in runtime.tick("reader").report.effects] == ["fs-read", "fs-read"]


def test_what_a_deleted_vigy_kept_open_is_closed(policy: Path) -> None:
    class Kept:
        closed = False

        def close(self) -> None:
            self.closed = True

    kept = Kept()
    extension = vigyc.closure_extension("keeping", keep=lambda host: host.gate.session.kept.update(thing=kept))
    with vigyc.Runtime.open(policy=policy, extensions=[*vigyc.standard_extensions(), extension]) as runtime:
        runtime.register('(keep) (fs-exists? "a")', name="reader", enabled=False)
        assert runtime.tick("reader").result == "ok"
        assert not kept.closed
        runtime.delete("reader")
        assert kept.closed
