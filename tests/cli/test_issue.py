"""`vigyc issue`: wishes for better programs, from being submitted to what became of them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from cli.pipeline import MORE, QUICK, REACHES, STEADY, Pipeline
from cli.shell import objects

NASTY = "a\x1b[31mred\x1b]0;title\x07 \x9bcsi \u202eback \u2028 line\r\nnext\ttab"


@pytest.fixture
def pipeline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pipeline:
    monkeypatch.setenv("LOGNAME", "ann")
    found = Pipeline(tmp_path)
    found.register("steady", STEADY)
    found.good("enhance", "settings", "default", "--set", f"verifiers={json.dumps(QUICK)}")
    return found


def test_a_patch_that_is_well_becomes_the_next_version(pipeline: Pipeline) -> None:
    told = pipeline.good("issue", "submit", "steady", "one more of it", "--patch", pipeline.patch(MORE))
    issue_id = re.match(r"✓ issue (\S+)  steady\n", told)[1]  # type: ignore[index]
    assert f"  pending; `vigyc issue wait {issue_id}` waits for its end\n" in told
    assert "nobody seems to work issues off; `vigyc enhance run` does" in told
    taken, applied = pipeline.worked()
    assert "attempt 1" in taken
    assert f"{issue_id}  applied as version 2 (0.2.0)" in applied
    assert pipeline.good("issue", "wait", issue_id) == f"applied as version 2  issue {issue_id}  steady\n"
    heads, newest, _ = pipeline.good("versions", "steady").splitlines()
    assert heads.split() == ["VERSION", "LABEL", "MADE", "DIGEST", "BY", "NOTE"]
    assert newest.split()[:2] == ["2", "0.2.0"]
    assert pipeline.good("versions", "steady", "2") == STEADY.replace("wanted 3", "wanted 4")
    assert pipeline.good("rollback", "steady", "1", "--yes")
    assert pipeline.good("versions", "steady", "3") == STEADY


def test_what_is_shown_of_an_issue(pipeline: Pipeline) -> None:
    issue = pipeline.submit("--patch", pipeline.patch(MORE), "--key", "k", "--constraint", "most=5")
    pipeline.worked()
    lines = pipeline.good("issue", "show", issue["id"][:30], "--utc").splitlines()
    assert lines[0] == f"applied  issue {issue['id']}  steady"
    assert "  intent     one more of it" in lines
    assert '  constraint {"most":5}' in lines
    assert "  proposal   replace at [0,2]  3  ->  4" in lines
    assert any(re.fullmatch(r"  submitted  \S+Z by ann, setting default, key k", line) for line in lines)
    assert "  version    2" in lines
    start = next(at for at, line in enumerate(lines) if line.startswith("applied  attempt 1"))
    verdicts = [line.split()[:2] for line in lines[start + 1 : start + 1 + len(QUICK)]]
    assert verdicts == [["pass", axis] for axis in QUICK]
    assert lines[lines.index("--- steady v1") : lines.index("--- steady v1") + 2] == ["--- steady v1", "+++ steady v2"]
    assert "-(define wanted 3) ; as many as the contract says" in lines
    assert "+(define wanted 4) ; as many as the contract says" in lines
    told = pipeline.json("issue", "show", issue["id"])
    assert (told["state"], told["version"], told["vigy_name"], told["author"]) == ("applied", 2, "steady", "ann")
    assert [epoch["outcome"] for epoch in told["epochs"]] == ["applied"]


def test_what_is_rejected_says_why_and_what_to_do(pipeline: Pipeline) -> None:
    issue = pipeline.submit("--patch", pipeline.patch({"source": STEADY + REACHES}))
    pipeline.worked()
    done = pipeline("issue", "wait", issue["id"])
    verdict, *why, advice = done.stdout.splitlines()
    assert done.exit_code == 1
    assert verdict == f"rejected  issue {issue['id']}  steady"
    assert all(line.startswith("  because    ") for line in why)
    assert any("capabilities: " in line and "net:b.example" in line for line in why)
    assert advice.startswith("  to do      mend that, and submit another issue")
    shown = pipeline.good("issue", "show", issue["id"])
    assert re.search(r"^  deny  capabilities  .*net:b\.example", shown, re.MULTILINE)
    assert "+++ steady as proposed\n" in shown
    assert shown.count("because    capabilities") == 1
    assert len(objects(pipeline.good("versions", "steady", "-o", "jsonl"))) == 1


def test_waiting_for_an_end_that_is_there_or_not(pipeline: Pipeline) -> None:
    issue = pipeline.submit("--patch", pipeline.patch(MORE))
    done = pipeline("issue", "wait", issue["id"], "--timeout", "50ms")
    assert (done.exit_code, done.stdout) == (1, f"pending  issue {issue['id']}  steady\n")
    assert done.stderr.splitlines() == [
        "vigyc: nobody seems to work issues off; `vigyc enhance run` does, and so does `vigyc serve`",
        f"vigyc: the time is up, and the issue is pending; `vigyc issue wait {issue['id']}` waits on",
    ]
    told = pipeline("issue", "wait", issue["id"], "--timeout", "1ms", "-o", "json")
    assert (told.exit_code, objects(told.stdout)[0]["state"]) == (1, "pending")
    again = pipeline("issue", "submit", "steady", "x", "--wait", "--timeout", "1ms", "-o", "json")
    assert (again.exit_code, objects(again.stdout)[0]["created"]) == (1, True)
    assert "--timeout goes with --wait" in pipeline.bad("issue", "submit", "steady", "x", "--timeout", "1s", code=2)
    pipeline.bad("issue", "wait", "zzz", code=4)


def test_who_waits_for_what_they_submit_knows_it_from_the_start(pipeline: Pipeline) -> None:
    done = pipeline("issue", "submit", "steady", "one more of it", "--wait", "--timeout", "1ms")
    (issue,) = pipeline.json("issue", "list")
    assert done.exit_code == 1
    assert done.stderr.splitlines()[0] == f"vigyc: issue {issue['id']} is submitted; waiting for its end"
    assert done.stdout == f"pending  issue {issue['id']}  steady\n"


def test_what_was_changed_just_now_is_not_told_as_to_come(pipeline: Pipeline) -> None:
    told = pipeline.good("enhance", "settings", "default", "--set", "repairs=1")
    assert re.search(r"\n  changed \S+ ago\n$", told)


def test_lists(pipeline: Pipeline) -> None:
    assert pipeline.good("issue", "list") == "no issues\n"
    pipeline.register("other", STEADY)
    ids = [pipeline.submit(vigy=vigy)["id"] for vigy in ("steady", "other", "steady")]
    pipeline.good("issue", "cancel", ids[0], "--note", "not now")
    heads, *rows = pipeline.good("issue", "list").splitlines()
    assert heads.split() == ["ISSUE", "VIGY", "STATE", "CHANGED", "INTENT", "WHY"]
    assert [re.split("  +", row)[:3] for row in rows] == [
        [ids[2], "steady", "pending"], [ids[1], "other", "pending"], [ids[0], "steady", "cancelled"],
    ]  # fmt: skip
    assert rows[2].endswith("cancelled by ann: not now")
    assert [each["id"] for each in pipeline.json("issue", "list", "steady")] == [ids[2], ids[0]]
    assert [each["id"] for each in pipeline.json("issue", "list", "--state", "cancelled")] == [ids[0]]
    assert [each["id"] for each in pipeline.json("issue", "list", "--before", ids[2], "--limit", "1")] == [ids[1]]
    assert pipeline.good("issue", "list", "--state", "dead") == "no issues match\n"
    assert pipeline.bad("issue", "list", "nobody", code=4) == "vigyc: there is no vigy 'nobody'"
    assert "'gone' is not one of" in pipeline.bad("issue", "list", "--state", "gone", code=2)


def test_cancelled_and_tried_again(pipeline: Pipeline) -> None:
    issue = pipeline.submit("--patch", pipeline.patch(MORE))
    assert pipeline.good("issue", "cancel", issue["id"]) == f"✓ issue {issue['id']}  steady: cancelled\n"
    assert pipeline.worked() == []
    done = pipeline("issue", "wait", issue["id"])
    assert (done.exit_code, done.stdout.splitlines()[1:]) == (
        1,
        [
            "  because    cancelled by ann",
            f"  to do      `vigyc issue retry {issue['id']}`, if it is wanted after all",
        ],
    )
    said = pipeline.bad("issue", "cancel", issue["id"], code=4)
    assert said == f"vigyc: issue {issue['id']} has ended already: it is cancelled"
    assert "waits its turn once more" in pipeline.good("issue", "retry", issue["id"])
    assert "it is pending, and it is worked off anyway" in pipeline.bad("issue", "retry", issue["id"], code=4)
    pipeline.worked()
    assert pipeline.json("issue", "wait", issue["id"])["state"] == "applied"
    pipeline.bad("issue", "retry", issue["id"], code=4)


def test_what_is_held_is_approved(pipeline: Pipeline) -> None:
    pipeline.register("steady.test", "(vigy-noop)")
    told = pipeline.good("issue", "submit", "steady.test", "less strict", "--patch", pipeline.patch({"source": "1"}))
    issue_id = told.split()[2]
    assert f"`vigyc issue approve {issue_id}` lets it go on" in told
    assert pipeline.worked() == []
    assert "pending (held)" in pipeline.good("issue", "list")
    assert pipeline.good("issue", "approve", issue_id).endswith(": approved by ann\n")
    assert "  approved   by ann" in pipeline.good("issue", "show", issue_id).splitlines()
    assert "held" not in pipeline.good("issue", "list")


def test_a_key_makes_it_harmless_to_submit_again(pipeline: Pipeline) -> None:
    first = pipeline.submit("--key", "k")
    again = pipeline.submit("--key", "k")
    assert (first["created"], again["created"], again["id"]) == (True, False, first["id"])
    told = pipeline.good("issue", "submit", "steady", "one more of it", "--key", "k")
    assert "pending, submitted before under this key" in told
    pipeline.bad("issue", "submit", "steady", "something else", "--key", "k", code=4)


def test_there_is_only_so_much_room(pipeline: Pipeline) -> None:
    pipeline.good("enhance", "settings", "tight", "--set", "max_pending=1")
    pipeline.submit("--setting", "tight")
    assert "vigyc: " in pipeline.bad("issue", "submit", "steady", "x", "--setting", "tight", code=4)


def test_what_a_paused_setting_means_and_that_one_in_use_stays(pipeline: Pipeline) -> None:
    pipeline.good("enhance", "settings", "mine", "--set", f"verifiers={json.dumps(QUICK)}")
    issue = pipeline.submit("--setting", "mine")
    pipeline.good("enhance", "pause", "mine", "--reason", "the \x1b[31mmodel is away")
    shown = pipeline.good("issue", "show", issue["id"])
    assert "the setting mine is paused (the \\x1b[31mmodel is away); `vigyc enhance resume mine` goes on" in shown
    assert pipeline.worked() == []
    pipeline.good("enhance", "resume", "mine")
    told = pipeline.bad("enhance", "settings", "mine", "--delete", code=4)
    assert f"the setting 'mine' cannot be deleted: open issues go by it (1, {issue['id']} for one)" in told
    pipeline.good("issue", "cancel", issue["id"])
    pipeline.good("enhance", "settings", "mine", "--delete")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["nobody", "x"], 4, "there is no vigy 'nobody'"),
        (["steady", " "], 2, "intent: say what is to change; it is empty"),
        (["steady", "x", "--constraint", "most"], 2, "--constraint 'most': give KEY=JSON, such as limit=5"),
        (["steady", "x", "--constraint", "most=many"], 2, "--constraint 'most': the value is not JSON"),
        (["steady", "x", "--constraint", "a=1", "--constraint", "a=2"], 2, "--constraint 'a': it is given twice"),
        (["steady", "x", "--constraint", "a=1e999"], 2, "1e999 is no number that can be kept"),
        (["steady", "x", "--constraint", "a=NaN"], 2, "NaN is no number that can be kept"),
        (["steady", "x", "--setting", "nowhere"], 4, "there is no setting 'nowhere' of the pipeline"),
        (["steady", "x", "--setting", "a\x00b"], 4, "there is no setting"),
        (["steady", "x", "--key", "a\nb"], 2, "key: it must be 1 to 200 characters that can be printed"),
        (["steady", "x", "--patch", "nowhere.json"], 2, "cannot read nowhere.json: there is no such file"),
    ],
)
def test_what_cannot_be_meant(pipeline: Pipeline, words: list[str], code: int, said: str) -> None:
    assert said in pipeline.bad("issue", "submit", *words, code=code)
    assert pipeline.json("issue", "list") == []


@pytest.mark.parametrize(
    ("patch", "said"),
    [
        ("{", "is not JSON"),
        ("[1]", "is not a JSON object"),
        ('{"edit": []}', "proposal.edit: there is no such field"),
        ("{}", "edits"),
        ('{"edits": [{"op": "turn"}]}', "edits[0].op"),
        ('{"edits": [{"op": "replace", "path": "0", "old": "1", "new": "2"}]}', "edits[0].path"),
        ('{"source": "1", "bump": "huge"}', "bump"),
        ('{"source": "1", "edits": []}', "source"),
        ("[" * 100_000, "is not JSON"),
    ],
)
def test_what_is_no_patch_is_refused_by_its_place(pipeline: Pipeline, patch: str, said: str) -> None:
    for file, given in ((str(pipeline.file(patch, "p.json")), None), ("-", patch)):
        assert said in pipeline.bad("issue", "submit", "steady", "x", "--patch", file, code=2, given=given)
    assert pipeline.json("issue", "list") == []


def test_hostile_text_is_shown_and_does_nothing(pipeline: Pipeline) -> None:
    patch = {"source": f'(vigy-log "info" "{NASTY}")\n(vigy-noop)', "rationale": NASTY}
    issue = pipeline.submit("--patch", pipeline.patch(patch), "--constraint", f"{NASTY}={json.dumps(NASTY)}",
                            intent=NASTY)  # fmt: skip
    assert (issue["intent"], issue["constraints"]) == (NASTY, {NASTY: NASTY})
    edits = {"edits": [{"op": "replace", "path": [0], "old": f'"{NASTY}"', "new": "'x"}], "rationale": NASTY}
    other = pipeline.submit("--patch", pipeline.patch(edits), intent="; DROP TABLE issues; {} %s {0.__class__} $(id)")
    pipeline.worked()
    (epoch, *_) = pipeline.json("enhance", "log", "--issue", issue["id"])
    for words in (
        ("issue", "list"), ("issue", "show", issue["id"]), ("issue", "show", other["id"]), ("enhance", "log"),
        ("enhance", "log", "--epoch", epoch["id"]), ("tail", "--no-follow", "--after", "0", "-o", "table"),
    ):  # fmt: skip
        shown = pipeline(*words).stdout.split("\n--- ")[0]  # but for the diff, which is the text as it is
        assert shown
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u2028]", shown), words
    assert pipeline.json("issue", "show", issue["id"])["intent"] == NASTY


def test_text_that_is_very_long(pipeline: Pipeline) -> None:
    long = "x" * 2**20
    said = pipeline.bad("issue", "submit", "steady", long, code=2)
    assert len(said) < 500
    assert len(pipeline.bad("issue", "submit", "steady", "x", "--constraint", f"a={json.dumps(long)}", code=2)) < 500
    patch = pipeline.patch({"source": f'(vigy-log "info" "{long}")'})
    assert len(pipeline("issue", "submit", "steady", "x", "--patch", patch).output) < 1000
    issue = pipeline.submit(intent="word " * 1_900)
    shown = pipeline.good("issue", "show", issue["id"])
    assert "(and 7499 characters; -o json has all)" in shown
    assert max(map(len, pipeline.good("issue", "list").splitlines())) < 300


@pytest.mark.parametrize("intent", ["a\x00b", "\ud800"])
def test_text_that_cannot_be_kept(pipeline: Pipeline, intent: str) -> None:
    done = pipeline("issue", "submit", "steady", intent, "-o", "json")
    assert done.exit_code in {0, 2}, done.output
    assert "Traceback" not in done.output
    if done.exit_code == 0:
        assert objects(done.stdout)[0]["intent"] == intent
        assert "\x00" not in pipeline.good("issue", "list")
