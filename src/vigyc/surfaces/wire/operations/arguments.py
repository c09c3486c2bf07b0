"""From the names that operations share to the arguments they stand for."""

from __future__ import annotations

from typing import Final

from vigyc.model.action import STATUSES
from vigyc.model.issue import STATES
from vigyc.model.notice import KINDS
from vigyc.model.run import RESULTS
from vigyc.service.browsing import SORTS
from vigyc.service.overview import PHASES
from vigyc.surfaces.wire.argument import (
    COUNT,
    DURATION,
    FLAG,
    JSON,
    LABELS,
    MODULES,
    OBJECT,
    PAGE,
    SCHEDULE,
    TEXT,
    TEXTS,
    Argument,
    choice,
    choices,
)  # fmt: skip

ID: Final = Argument("id", TEXT, "A vigy: its id, its name, or the unique beginning of its id.")
VIGY: Final = Argument("vigy", TEXT, "Only this vigy: its id, its name, or the unique beginning of its id.")
RUN: Final = Argument("run", TEXT, "A run: its id, or the unique beginning of it.")
NUMBER: Final = Argument("number", COUNT, "The number of a version.")

NAME: Final = Argument("name", TEXT, "What the vigy is called; no other vigy of the store is called so.")
PROGRAM: Final = Argument("program", TEXT, "The text of a program in tatara-lisp.")
TICK_INTERVAL: Final = Argument("tick_interval_ms", DURATION, "How often it ticks, in ms or as text such as 10s.")
SCHEDULE_: Final = Argument(
    "schedule", SCHEDULE, 'When it ticks, instead of an interval: {"kind": "cron", "expr": "*/5 * * * *"}, for example.'
)  # fmt: skip
ENABLED: Final = Argument("enabled", FLAG, "Whether it ticks by itself.")
LABELS_: Final = Argument("labels", LABELS, "Its labels, all of them.")
DEADLINE: Final = Argument("deadline_ms", DURATION, "The time for one tick; null for the runtime's own.", nullable=True)
MODULES_: Final = Argument("modules", MODULES, "The texts that the program requires, by path.")
AUTHOR: Final = Argument("author", TEXT, "Who made this version; by default whose token it is.")
NOTE: Final = Argument("note", TEXT, "Why there is this version.")
GENERATION: Final = Argument("generation", COUNT, "Only if the vigy is still of this generation.")
KEEP_DATA: Final = Argument("keep_data", FLAG, "Keep kv, state and runs, for one registered under the same id again.")

SELECTOR: Final = Argument("label_selector", TEXT, "Only vigies with these labels: key=value,...")
SEARCH: Final = Argument("search", TEXT, "Only vigies with this text in their name, or their id beginning so.")
PHASE: Final = Argument("phase", choice(*PHASES), "Only vigies in this phase.")
FAILING: Final = Argument("failing", FLAG, "Only vigies whose last tick failed (true), or did not (false).")
SORT: Final = Argument("sort", choice(*SORTS), "In the order of registration, by name, or by who needs attention.")
LIMIT: Final = Argument("limit", PAGE, "No more than so many.")
CURSOR: Final = Argument("cursor", TEXT, "Where to go on: `next` of the page before.")
BEFORE: Final = Argument("before", COUNT, "Only those whose number in the stream is smaller.")
AFTER: Final = Argument("after", COUNT, "Only those whose number in the stream is greater.")
RESULTS_: Final = Argument("results", choices(*RESULTS), "Only runs that ended so.")
KINDS_: Final = Argument("kinds", choices(*KINDS), "Only notices of these kinds.")

TIMEOUT: Final = Argument("timeout_ms", DURATION, "How long to wait for the tick, which may be made later.")
INDEX: Final = Argument("index", COUNT, "Which action of the run, from 0.")
STATUS: Final = Argument("status", choice(*STATUSES), "What came of it.")
MESSAGE: Final = Argument("message", TEXT, "More about that.")

KEY: Final = Argument("key", TEXT, "A key of the vigy's kv.")
VALUE: Final = Argument("value", JSON, "Any JSON data.", nullable=True)
PREFIX: Final = Argument("prefix", TEXT, "Only keys that begin so.")
FORCE: Final = Argument("force", FLAG, "Change the runtime's own keys (__...) too.")
ENTRIES: Final = Argument("entries", OBJECT, "JSON data by key.")
MERGE: Final = Argument("merge", FLAG, "Keep what is not in `entries`.")

OLD: Final = Argument("old", COUNT, "The number of the older version.")
NEW: Final = Argument("new", COUNT, "The number of the newer version.")

EFFECTS: Final = Argument("effects", TEXTS, "Uses of these kinds of effects.")
HOSTS: Final = Argument("hosts", TEXTS, "Uses that reach these hosts, or may.")
CALLS: Final = Argument("calls", TEXTS, "Uses of these operations.")
EFFECT: Final = Argument("effect", TEXT, "A kind of effect, such as fs.read.")
RESOURCE: Final = Argument("resource", JSON, "What for: a path, a host, a command line.")

INTENT: Final = Argument("intent", TEXT, "What is to be better, in words.")
TARGET: Final = Argument("vigy", TEXT, "The vigy to be changed: its id, its name, or the unique beginning of its id.")
CONSTRAINTS: Final = Argument("constraints", OBJECT, "What a proposer is to keep to, as it understands it.")
PROPOSAL: Final = Argument(
    "proposal", OBJECT,
    'A change that is made already: {"edits": [{"op": "replace", "path": [0, 2], "old": "5", "new": "9"}, ...]} or '
    '{"source": "(all of the new program)"}, with "bump" (major, minor or patch) and "rationale" if you like. An op is '
    "replace, insert, delete, wrap or rename; a path counts from 0: the form, then the item in it.",
)  # fmt: skip
SETTING: Final = Argument("setting", TEXT, "The setting of the pipeline.")
ONCE: Final = Argument("key", TEXT, "A name of your own for it: submitted again by you under this, it is there once.")
BY: Final = Argument("author", TEXT, "Who asks for it; by default whose token it is.")
WHY: Final = Argument("note", TEXT, "Why.")
ISSUE: Final = Argument("issue", TEXT, "An issue: its id, or the unique beginning of it.")
OF_ISSUE: Final = Argument("issue", TEXT, "Only of this issue: its id, or the unique beginning of it.")
STATES_: Final = Argument("states", choices(*STATES), "Only issues in these states.")
BEFORE_ISSUE: Final = Argument(
    "before", TEXT, "Only issues submitted before this one: its id, or the unique beginning of it."
)  # fmt: skip
PATIENCE: Final = Argument("timeout_ms", DURATION, "How long to wait for its end; half a minute is the most at a time.")
EPOCH: Final = Argument(
    "epoch", TEXT, "An epoch, which is one attempt at an issue: its id, or the unique beginning of it."
)
FIELDS: Final = Argument(
    "fields", OBJECT, 'What is to be different, null being the default again: {"replays": 20, "verifier_ms": null}.'
)  # fmt: skip
REASON: Final = Argument("reason", TEXT, "Why it is paused.")
CANDIDATE: Final = Argument("program", TEXT, "The text of a program to take the place of the vigy's own.")
