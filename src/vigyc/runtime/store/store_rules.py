"""From the tables of a store to what is relied upon in them: which columns are text or JSON, and what goes with what.

What came with a later version of the file is apart, for a file that is not as far is sound without it.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Texts(NamedTuple):
    """The texts of a table: `name` is the SQL that names a row, `plain` and `parsed` are columns, those of JSON."""

    table: str
    name: str
    plain: tuple[str, ...] = ()
    parsed: tuple[str, ...] = ()


TEXTS: Final = (
    Texts("vigies", "id", ("name",), ("schedule_json", "labels_json")),
    Texts("versions", "vigy_id || ' ' || number", ("digest", "author", "note"), ("modules_json",)),
    Texts("programs", "digest", ("text",)),
    Texts("vigy_state", "vigy_id", ("run_id", "result", "error"), ("state_json",)),
    Texts(
        "runs", "seq", ("id", "vigy_id", "result", "error", "error_kind", "trigger"), ("actions_json", "report_json")
    ),
    Texts("open_runs", "id", ("vigy_id", "trigger")),
    Texts("events", "seq", ("kind", "vigy_id", "run_id", "message"), ("data_json",)),
    Texts("requests", "id", ("vigy_id", "run_id", "error")),
    Texts("outbox", "seq || ' ' || position", ("run_id", "vigy_id"), ("action_json",)),
    Texts("lease", "one", ("holder",)),
)

RULES: Final = (
    "SELECT 'number ' || seq || ' of the stream is both a run and an event' FROM runs JOIN events USING (seq)",
    """SELECT 'number ' || seq || ' of the stream was never given' FROM
    (SELECT seq FROM runs UNION ALL SELECT seq FROM events)
    WHERE seq < 1 OR seq > (SELECT value FROM counters WHERE name = 'seq')""",
    "SELECT 'the counter of the stream is missing' WHERE NOT EXISTS (SELECT 1 FROM counters WHERE name = 'seq')",
    """SELECT 'vigy ' || name || ' (' || id || ') has no version ' || version FROM vigies
    WHERE NOT EXISTS (SELECT 1 FROM versions WHERE vigy_id = id AND number = version)""",
    """SELECT 'vigy ' || name || ' (' || id || ') is of a generation that was never given' FROM vigies
    WHERE generation > (SELECT value FROM counters WHERE name = 'seq')""",
    """SELECT 'version ' || number || ' of vigy ' || vigy_id || ' has no program' FROM versions
    WHERE digest NOT IN (SELECT digest FROM programs)""",
    """SELECT 'program ' || digest || ' belongs to no version' FROM programs
    WHERE digest NOT IN (SELECT digest FROM versions)""",
    "SELECT 'run ' || id || ' has ended and is open' FROM open_runs WHERE id IN (SELECT id FROM runs)",
    """SELECT 'action ' || position || ' of run ' || run_id || ' is to be delivered, but there is no such run'
    FROM outbox WHERE NOT EXISTS (SELECT 1 FROM runs WHERE seq = outbox.seq AND id = run_id)""",
    """SELECT 'the state of ' || vigy_id || ' belongs to no vigy' FROM vigy_state
    WHERE vigy_id NOT IN (SELECT id FROM vigies UNION SELECT vigy_id FROM versions)""",
)
"""Each finds rows of one text that says what is wrong."""

ENHANCE_TABLE: Final = "issues"
"""The table by which it is seen that a file has what the enhance pipeline keeps."""

ENHANCE_TEXTS: Final = (
    Texts("versions", "vigy_id || ' ' || number", ("label", "bump", "content", "epoch")),
    Texts(
        "issues",
        "id",
        ("vigy_id", "intent", "state", "setting", "author", "key", "approved_by", "epoch", "leased_by"),
        ("constraints_json", "proposal_json", "trial_json", "reasons_json"),
    ),
    Texts(
        "epochs",
        "id",
        ("issue_id", "vigy_id", "outcome", "base_digest", "label", "bump", "digest", "content", "program", "rationale"),
        (
            "reasons_json", "verdicts_json", "patch_json", "claims_json", "setting_json", "flow_json", "calls_json",
        ),
    ),
    Texts("enhance_settings", "name", ("paused",), ("setting_json",)),
)  # fmt: skip

ENHANCE_RULES: Final = (
    """SELECT 'version ' || number || ' of vigy ' || vigy_id || ' was made from version ' || parent || ', a later one'
    FROM versions WHERE parent >= number""",
    """SELECT 'version ' || number || ' of vigy ' || vigy_id || ' was made by epoch ' || epoch || ', which has no entry'
    FROM versions WHERE epoch IS NOT NULL AND epoch NOT IN (SELECT id FROM epochs)""",
    "SELECT 'issue ' || id || ' is applied and has no version' FROM issues WHERE state = 'applied' AND version IS NULL",
    """SELECT 'issue ' || id || ' is applied, and no entry of the log says so' FROM issues WHERE state = 'applied'
    AND NOT EXISTS (SELECT 1 FROM epochs WHERE issue_id = issues.id AND outcome = 'applied')""",
    """SELECT 'issue ' || id || ' is leased, but not for an epoch of somebody until some time' FROM issues
    WHERE state = 'leased' AND (epoch IS NULL OR leased_by IS NULL OR leased_until IS NULL)""",
    """SELECT 'issue ' || id || ' is leased for epoch ' || epoch || ', which has ended' FROM issues
    WHERE state = 'leased' AND epoch IN (SELECT id FROM epochs)""",
    """SELECT count(*) || ' issues of vigy ' || vigy_id || ' are worked off at once' FROM issues
    WHERE state IN ('leased', 'trial') GROUP BY vigy_id HAVING count(*) > 1""",
    """SELECT 'issue ' || id || ' is of a revision that was never given' FROM issues
    WHERE revision < 1 OR revision > (SELECT value FROM counters WHERE name = 'seq')""",
    """SELECT count(*) || ' issues are of revision ' || revision FROM issues GROUP BY revision HAVING count(*) > 1""",
    """SELECT count(*) || ' issues of one author have the key ' || key FROM issues WHERE key IS NOT NULL
    GROUP BY author, key HAVING count(*) > 1""",
    """SELECT 'the entry of epoch ' || id || ' belongs to no issue' FROM epochs
    WHERE issue_id NOT IN (SELECT id FROM issues)""",
    """SELECT 'the entry of epoch ' || id || ' says that it was applied, but not as which version' FROM epochs
    WHERE outcome = 'applied' AND version IS NULL""",
    """SELECT 'the entry of epoch ' || id || ' has a number that was never given' FROM epochs
    WHERE seq < 1 OR seq > (SELECT value FROM counters WHERE name = 'seq')""",
)
