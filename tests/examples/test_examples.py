"""What the example programs must do, tick by tick."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import vigyc
from examples.world import EXAMPLES, World, condition, kinds

DAY = 24 * 60 * 60 * 1000


def test_hello_counts_and_introduces_itself_once() -> None:
    world = World("hello.tatara")
    first, second = world.tick(), world.tick()
    assert [line["message"] for line in first["log"]] == ["hello, this is my first tick", "hello for the 1st time"]
    assert [line["message"] for line in second["log"]] == ["hello for the 2nd time"]
    assert kinds(second) == ["noop"]
    assert second["metrics"] == {"visits": 2.0}
    assert world.tick()["log"][0]["message"] == "hello for the 3rd time"
    assert world.tick()["kv"]["visits"] == 4


def test_tear_mirror_converges_and_stays() -> None:
    world = World("tear-mirror.tatara")
    first = world.tick()
    assert kinds(first) == ["pull"]
    assert first["actions"][0]["payload"] == {"from": 0, "to": 3}
    assert condition(first, "Ready") == ("false", "EmbedBehind")
    assert condition(first, "Healthy") == ("true", None)
    assert first["desired"] == {"sessions": 3}
    assert first["observed"] == {"sessions": 0}
    assert [event["kind"] for event in first["events"]] == ["EmbedBehind", "heartbeat"]

    limited = world.tick(1000)
    assert kinds(limited) == ["defer"]
    assert condition(limited, "Active") == ("false", "RateLimited")
    assert limited["events"] == []

    assert kinds(world.tick(1000)) == ["pull"]
    assert kinds(world.tick(2000)) == ["pull"]
    settled = world.tick(2000)
    assert kinds(settled) == ["noop"]
    assert condition(settled, "Ready") == ("true", "InStep")
    assert "__converged::mirror" in settled["kv"]
    assert kinds(world.tick(2000)) == ["noop"]

    world.kv["embed-sessions"] = 5
    assert kinds(world.tick(2000)) == ["push"]
    assert world.kv["daemon-sessions"] == 4


def test_tear_mirror_beats_every_tenth_tick_only() -> None:
    world = World("tear-mirror.tatara")
    beats = [n for n in range(25) if any(event["kind"] == "heartbeat" for event in world.tick()["events"])]
    assert beats == [0, 10, 20]


def test_replica_scaling_steps_up_and_down() -> None:
    world = World("replica-scaling.tatara", wanted=2, running=0)
    up = [world.tick(1500) for _ in range(3)]
    assert [kinds(seen) for seen in up] == [["update"], ["update"], ["noop"]]
    assert up[0]["actions"][0]["payload"] == {"from": 0, "to": 1}
    assert condition(up[2], "Ready") == ("true", "AllRunning")
    world.kv["wanted"] = 0
    assert world.tick(100)["kv"]["running"] == 1
    held = world.tick(100)
    assert kinds(held) == ["defer"]
    assert condition(held, "Ready") == ("false", "Settling")
    assert world.tick(1400)["kv"]["running"] == 0
    assert kinds(world.tick(10)) == ["noop"]


def test_certificate_backs_off_and_recovers() -> None:
    world = World("certificate-renewal.tatara", issuer_down=True, cert={"expires": 1_000_000 + 10 * DAY, "serial": 7})
    first = world.tick(1)
    assert kinds(first) == ["defer"]
    assert condition(first, "Valid") == ("true", "RenewalRefused")
    assert first["kv"]["retry-at"] == world.now + 1000
    assert condition(world.tick(999), "Valid") == ("true", "BackingOff")
    waits = []
    for _ in range(6):
        asked = world.kv["retry-at"] - world.now
        seen = world.tick(asked)
        waits.append(seen["kv"]["retry-at"] - world.now)
    assert waits == [2000, 4000, 8000, 16000, 30000, 30000]
    assert world.kv["attempts"] == 7

    world.kv["issuer-down"] = False
    renewed = world.tick(30000)
    assert renewed["actions"] == [{"kind": "apply", "payload": {"expires": world.now + 90 * DAY, "serial": 8}}]
    assert renewed["kv"]["attempts"] == 0
    assert "retry-at" not in renewed["kv"]
    assert kinds(world.tick(1000)) == ["noop"]
    assert kinds(world.tick(59 * DAY)) == ["noop"]
    assert kinds(world.tick(2 * DAY)) == ["apply"]


def test_certificate_that_ran_out_is_not_valid() -> None:
    world = World("certificate-renewal.tatara", issuer_down=True)
    assert condition(world.tick(), "Valid") == ("false", "RenewalRefused")


def test_rollout_advances_while_healthy() -> None:
    world = World("feature-rollout.tatara")
    stages = [world.tick()["kv"].get("stage") for _ in range(6)]
    assert stages == ["canary", "canary", "half", "half", "full", "full"]
    assert condition(world.tick(), "RolledOut") == ("true", "full")


def test_rollout_rolls_back_and_starts_again_only_when_told() -> None:
    world = World("feature-rollout.tatara", stage="half", error_rate=0.2)
    seen = world.tick()
    assert seen["kv"]["stage"] == "rolled-back"
    assert seen["actions"] == [{"kind": "update", "payload": {"feature": "new-checkout", "percent": 0}}]
    assert seen["events"] == [{"kind": "RolledBack", "message": "error rate 0.2"}]
    world.kv["error-rate"] = 0.0
    assert [kinds(world.tick()) for _ in range(3)] == [["noop"]] * 3
    assert world.kv["stage"] == "rolled-back"


def test_rollout_held_by_the_operator_does_nothing() -> None:
    world = World("feature-rollout.tatara", enabled=False)
    seen = [world.tick() for _ in range(3)]
    assert all(kinds(each) == ["noop"] for each in seen)
    assert all(each["kv_dirty"] == [] for each in seen)


def test_examples_have_no_findings() -> None:
    for path in sorted(EXAMPLES.glob("*.tatara")):
        assert vigyc.check(path.read_text("utf-8"), filename=path.name) == [], path.name


def test_embedding_keeps_the_room_between_its_bounds() -> None:
    command = [sys.executable, "-W", "error", "app.py", "--ticks", "3000", "--rate", "0"]
    done = subprocess.run(command, cwd=EXAMPLES / "embedding", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    words = dict(line.split(": ") for line in done.stdout.splitlines())
    assert words["ticks"] == "3000"
    assert 19.0 < float(words["coldest"]) < float(words["warmest"]) < 21.0
    assert int(words["switches"]) >= 2


def test_inventory_tells_what_changed_in_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "examples"
    folder.mkdir()
    (folder / "a.tatara").write_text("1")
    (folder / "b.tatara").write_text("2")
    (folder / "c.txt").write_text("3")
    policies = folder / "policy.toml"
    policies.write_text((EXAMPLES / "policy.toml").read_text("utf-8"))

    def told(runtime: vigyc.Runtime) -> list[tuple[str, str]]:
        run = runtime.tick("inventory")
        assert run.result == "ok", run.error
        return [(event.kind, event.message) for event in run.report.events]

    with vigyc.Runtime.open(policy=policies) as runtime:
        runtime.register((EXAMPLES / "inventory.tatara").read_text("utf-8"), name="inventory", enabled=False)
        assert told(runtime) == [("changed", "examples/a.tatara"), ("changed", "examples/b.tatara")]
        assert told(runtime) == []
        (folder / "a.tatara").write_text("2")
        (folder / "b.tatara").unlink()
        assert told(runtime) == [("changed", "examples/a.tatara"), ("gone", "examples/b.tatara")]
        assert runtime.state("inventory").observed == {"programs": 1}
