"""`vigyc enhance`: issues worked off, the log, settings, and what verifiers say of a file."""

from __future__ import annotations

import json
import re
import signal
from pathlib import Path

import pytest

from cli.pipeline import MORE, QUICK, REACHES, STEADY, Pipeline
from cli.shell import objects, process
from vigyc.model.enhance_setting import AXES

PATIENCE = 60  # seconds


@pytest.fixture
def pipeline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pipeline:
    monkeypatch.setenv("LOGNAME", "ann")
    found = Pipeline(tmp_path)
    found.register("steady", STEADY)
    found.good("enhance", "settings", "default", "--set", f"verifiers={json.dumps(QUICK)}")
    return found


def test_nothing_is_there_yet(tmp_path: Path) -> None:
    fresh = Pipeline(tmp_path)
    assert fresh.good("enhance", "status") == "issues: none\n"
    assert fresh.good("enhance", "log") == ""
    heads, row = fresh.good("enhance", "settings").splitlines()
    assert heads.split() == ["SETTING", "PROPOSER", "AXES", "CANARY", "CHANGED"]
    assert row.split() == ["default", "rules", str(len(AXES)), "never"]
    assert fresh.worked() == []


def test_how_it_goes(pipeline: Pipeline) -> None:
    for _ in range(2):
        pipeline.submit()
    pipeline.good("enhance", "pause", "--reason", "the model\nis away")
    lines = pipeline.good("enhance", "status").splitlines()
    assert lines[0] == "issues: 2 pending"
    assert re.fullmatch(r"  oldest     submitted \S+ ago", lines[1])
    assert lines[2:] == [
        "  workers    nobody seems to work issues off; `vigyc enhance run` does, and so does `vigyc serve`",
        "  paused     the setting default: the model",
        "             is away",
        "  to do      `vigyc enhance resume default`, once that is mended",
    ]
    pipeline.register("steady.test", STEADY)
    held = pipeline.submit(vigy="steady.test")["id"]
    assert f"  held       {held}; `vigyc issue approve {held}` lets it go on" in pipeline.good("enhance", "status")
    pipeline.good("issue", "cancel", held)
    told = pipeline.json("enhance", "status")
    assert (told["counts"], [each["name"] for each in told["paused"]]) == ({"pending": 2, "cancelled": 1}, ["default"])


def test_several_threads_work_off_what_is_due(pipeline: Pipeline) -> None:
    for number in range(4):
        pipeline.register(f"steady {number}", STEADY)
        pipeline.submit("--patch", pipeline.patch(MORE), vigy=f"steady {number}")
    assert pipeline("enhance", "run", "--drain", "--threads", "3").exit_code == 0
    assert [each["state"] for each in pipeline.json("issue", "list")] == ["applied"] * 4
    assert len(pipeline.json("enhance", "log")) == 4


def test_a_worker_goes_on_until_its_time_is_up_or_it_is_told(pipeline: Pipeline) -> None:
    pipeline.submit("--patch", pipeline.patch(MORE))
    done = pipeline("enhance", "run", "--for", "1s")
    assert done.exit_code == 0
    assert [each["data"]["state"] for each in objects(done.stdout)] == ["leased", "applied"]
    with process("enhance", "run", "--db", pipeline.db) as worker:
        assert worker.stderr is not None
        assert worker.stdout is not None
        assert "works off the issues in" in worker.stderr.readline()
        issue = pipeline.submit()
        while json.loads(worker.stdout.readline())["data"]["state"] in {"pending", "leased"}:
            pass
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(PATIENCE) == 0
    assert pipeline("issue", "wait", issue["id"]).stdout.startswith("rejected")


def test_working_is_upon_a_file(pipeline: Pipeline) -> None:
    done = pipeline("enhance", "run", "--server", "http://127.0.0.1:1")
    assert done.exit_code == 2
    assert "No such option" in done.stderr


def test_the_log(pipeline: Pipeline) -> None:
    good = pipeline.submit("--patch", pipeline.patch(MORE))
    bad = pipeline.submit("--patch", pipeline.patch({"source": STEADY + REACHES}))
    pipeline.worked()
    heads, second, first = pipeline.good("enhance", "log").splitlines()
    assert heads.split() == ["SEQ", "EPOCH", "VIGY", "ENDED", "OUTCOME", "TOOK", "WHAT"]
    assert re.split("  +", first)[2] == "steady"
    assert first.endswith("version 2 (0.2.0): one more")
    assert "capabilities: " in second
    (epoch,) = pipeline.json("enhance", "log", "--issue", good["id"])
    assert [each["issue_id"] for each in pipeline.json("enhance", "log", "steady", "--limit", "1")] == [bad["id"]]
    assert pipeline.json("enhance", "log", "--before", str(epoch["seq"])) == []
    lines = pipeline.good("enhance", "log", "--epoch", epoch["id"]).splitlines()
    assert re.fullmatch(rf"applied  attempt 1, \S+ ago, took \S+  epoch {epoch['id']}  steady", lines[0])
    assert [line.split()[:2] for line in lines[1 : 1 + len(QUICK)]] == [["pass", axis] for axis in QUICK]
    assert "  version    2 (0.2.0)" in lines
    assert "+(define wanted 4) ; as many as the contract says" in lines
    assert pipeline.json("enhance", "log", "--epoch", epoch["id"]) == epoch
    pipeline.bad("enhance", "log", "--epoch", "zzz", code=4)
    pipeline.bad("enhance", "log", "--issue", "zzz", code=4)
    pipeline.bad("enhance", "log", "nobody", code=4)


def test_settings_are_changed_shown_and_deleted(pipeline: Pipeline) -> None:
    told = pipeline.good("enhance", "settings", "mine", "--set", "replays=20", "--set", 'canary={"shadow_ticks":5}')
    assert told.startswith("setting mine\n")
    assert re.search(r"^  replays +20$", told, re.MULTILINE)
    assert re.search(r"^  ttl_ms +120000  \(2m\)$", told, re.MULTILINE)
    assert re.search(r'^  canary +\{"shadow_ticks":5,"watch_ticks":0\}$', told, re.MULTILINE)
    assert [each["name"] for each in pipeline.json("enhance", "settings")] == ["default", "mine"]
    assert "5 in shadow, 0 watched" in pipeline.good("enhance", "settings")
    assert pipeline.json("enhance", "settings", "mine", "--set", "replays=null")["replays"] == 10
    assert pipeline.json("enhance", "settings", "mine")["canary"] == {"shadow_ticks": 5, "watch_ticks": 0}
    assert pipeline.good("enhance", "settings", "mine", "--delete") == "✓ the setting mine is deleted\n"
    assert pipeline.bad("enhance", "settings", "mine", "--delete", code=4)
    assert "there is no setting 'mine' of the pipeline; there are default" in pipeline.bad(
        "enhance", "settings", "mine", code=4
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["mine", "--set", "verifiers=[]"], "an unverified candidate never becomes a version"),
        (["mine", "--set", 'verifiers=["magic"]'], "verifiers[0]: it must be one of reads, canonical"),
        (["mine", "--set", "ttl_ms=0"], "ttl_ms: it must be from 1"),
        (["mine", "--set", "nonsense=1"], "there is no field 'nonsense'; there are flow, "),
        (["mine", "--set", 'flow="nobody"'], "flow: there is no vigy 'nobody'"),
        (["mine", "--set", "replays"], "--set 'replays': give KEY=JSON"),
        (["mine", "--set", "replays=many"], "--set 'replays': the value is not JSON"),
        (["mine", "--set", "replays=1", "--delete"], "give --set or --delete, not both"),
        (["--delete"], "say which setting is meant: vigyc enhance settings NAME"),
        (["a\nb", "--set", "replays=1"], "name"),
    ],
)
def test_settings_that_could_not_be_used(pipeline: Pipeline, words: list[str], said: str) -> None:
    assert said in pipeline.bad("enhance", "settings", *words, code=2)
    assert [each["name"] for each in pipeline.json("enhance", "settings")] == ["default"]


def test_paused_and_resumed(pipeline: Pipeline) -> None:
    assert pipeline.good("enhance", "pause") == (
        "✓ paused: no issue of the setting default is begun until `vigyc enhance resume default`\n"
    )
    assert pipeline.json("enhance", "settings", "default")["paused"] == "paused by an operator"
    pipeline.submit("--patch", pipeline.patch(MORE))
    assert pipeline.worked() == []
    assert pipeline.good("enhance", "resume") == "✓ issues of the setting default are worked off\n"
    assert len(pipeline.worked()) == 2
    pipeline.bad("enhance", "pause", "nobody", code=4)
    pipeline.bad("enhance", "pause", "--reason", " ", code=2)


def test_what_the_verifiers_say_of_a_file(pipeline: Pipeline) -> None:
    good = pipeline.file(STEADY.replace("3", "4"), "good.tatara")
    done = pipeline("enhance", "verify", "steady", good)
    assert (done.exit_code, done.stderr) == (0, "5 of 5 pass\n")
    assert [line.split()[:2] for line in done.stdout.splitlines()] == [["pass", axis] for axis in QUICK]
    bad = pipeline("enhance", "verify", "steady", "-", given=STEADY + REACHES)
    assert (bad.exit_code, bad.stderr) == (1, "1 of 5 deny\n")
    assert re.search(r"^  deny  capabilities  .*net:b\.example", bad.stdout, re.MULTILINE)
    told = pipeline("enhance", "verify", "steady", good, "-o", "json")
    assert objects(told.stdout)[0]["passed"] is True
    unreadable = pipeline("enhance", "verify", "steady", "-", "-o", "json", given="(car")
    verdicts = objects(unreadable.stdout)[0]["verdicts"]
    assert (unreadable.exit_code, verdicts[0]["axis"], verdicts[0]["status"]) == (1, "reads", "deny")
    assert len(objects(pipeline.good("versions", "steady", "-o", "jsonl"))) == 1
    pipeline.bad("enhance", "verify", "steady", "nowhere.tatara", code=2)
    pipeline.bad("enhance", "verify", "nobody", good, code=4)
    pipeline.bad("enhance", "verify", "steady", good, "--setting", "nobody", code=4)
    granted = pipeline("enhance", "verify", "steady", "-", "--grant", "net:b.example", given=STEADY + REACHES)
    assert granted.exit_code == 1  # it may, but the base does not need it
    assert re.search("^  deny  capabilities  ", granted.stdout, re.MULTILINE)


@pytest.mark.parametrize("text", ["", "\x00", "; \x1b[31m\n", '"' + "x" * 2**20 + '"', "(" * 100_000])
def test_a_candidate_that_is_hostile(pipeline: Pipeline, text: str) -> None:
    done = pipeline("enhance", "verify", "steady", "-", given=text)
    assert done.exit_code in {1, 2}, done.output
    assert "Traceback" not in done.output
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", done.stdout)
    assert len(done.output) < 20_000


def test_the_stream_tells_of_it(pipeline: Pipeline) -> None:
    issue = pipeline.submit("--patch", pipeline.patch({"source": STEADY + REACHES}))
    pipeline.worked()
    pipeline.good("enhance", "pause", "--reason", "why not")
    tail = ("tail", "--no-follow", "--after", "0", "-o", "table")
    lines = [re.split("  +", line)[1:] for line in pipeline.good(*tail, "--kind", "issue").splitlines()]
    assert [line[:3] for line in lines] == [["steady", "issue", issue["id"]]] * 3
    assert [line[3].split()[0] for line in lines] == ["submitted", "taken", "rejected:"]
    assert len(pipeline.good(*tail, "--kind", "issue", "--level", "warn").splitlines()) == 1
    assert pipeline.good(*tail, "--kind", "enhance").splitlines()[-1].endswith("setting default: paused: why not")
    assert len(pipeline.good(*tail, "--vigy", "steady", "--kind", "issue").splitlines()) == 3
