"""From all cases and contestants to the table of docs/sandbox.md: `python benchmarks/sandbox/run.py` (some minutes)."""

from __future__ import annotations

import platform
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from itertools import product
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import arena
from arena import BLOCKED, CONTAINED, CONTESTANTS, ERRORED, ESCAPED, HARMLESS, HUNG, OK, Case, Verdict

PAGE = Path(__file__).parents[2] / "docs" / "sandbox.md"
COLUMNS = {"vigyc": "vigyc", "restricted": "RestrictedPython", "bare": "bare `exec`"}
SHOWN = {ESCAPED: "**escaped**", HUNG: "**hung**", OK: "ok"}
FAMILIES = ("paths", "kinds", "network", "process", "data", "resources", "benign")

Results = dict[tuple[str, str], Verdict]

HEAD = """# The sandbox, compared

What becomes of the same attempts in vigyc, in [RestrictedPython](https://pypi.org/project/RestrictedPython/) and in a
bare `exec` with the dangerous builtins taken away. Written by `python benchmarks/sandbox/run.py`, which runs all of it
({count} cases, each in a process of its own, some minutes): `pip install -e '.[bench]' && python
benchmarks/sandbox/run.py`. Measured with Python {python}, RestrictedPython {restricted}, {system}.

{summary}

## How it is counted

**escaped** is a fact that is seen from outside: a canary in the output, a file made or a server reached that nobody
granted, a process that outlives its program, a forged record, more than {memory} MiB in use. **hung** is a program that
our harness had to end after {wall:g} s (each contestant is told to allow {deadline:g} s), or that crashed. The rest is
contained: **blocked**, refused with a word that says so; **errored**, failed for another reason, such as a name that is
not there; **harmless**, ran to its end without doing it. A benign case is **ok** only if it gives the right value.

The memory limit was set to 320 MiB after a first run with 1 GiB. Under 1 GiB, RestrictedPython came off as blocked in
N08 and R05 and bare `exec` in N08: the alarm rang before memory was full, so these cells depend on the machine's speed.
Ours takes up to 220 MiB in a contained case (G05).

What the contestants are given:

- **vigyc**: `vigyc eval` with the grants as `--grant` and `--deadline {deadline:g}s`.
- **RestrictedPython**: `compile_restricted` with `safe_builtins`, `limited_builtins`, the common types, the guards of
  its documentation, and classes whose objects may be written to.
- **bare `exec`**: all builtins but `open`, `__import__`, `eval`, `exec`, `compile` and their like; a source with one of
  these words, or `import`, `os`, `sys`, `subprocess`, `socket`, is refused.
- **Both Python ones** get an alarm that raises at the deadline and again every 50 ms, and for what is granted a
  function such as `read_file`, `http_get`, `run` or `sql`, checked as such functions are: paths absolute and folded,
  then compared by prefix; hosts as `urlsplit` has them; programs by name. Where an escape goes through such a function
  it is marked ¹: a host who writes it better (as vigyc's effects are written) closes it, the language does not.
- The attacker is told how each works; where one way is closed by the language, the best known other one is tried.

"""

TAIL = """
## What this does not show

vigyc runs programs in its own process. The evaluator, the policy and every effect are Python code, and Python with its
C libraries is no boundary against a hostile bug in them: who finds a fault in CPython, SQLite, OpenSSL or RE2 that runs
code has the rights of the process. Programs of strangers belong in a process, container or virtual machine with few
rights *besides*; the policy then says what each of them may do within it.

Not defended against:

- **Memory as a whole.** Values are limited one by one, their sum is not (G10); set a limit for the process.
- **What a granted program does.** A process that is granted has the rights of the user (R08); grant its arguments too,
  and no shells, interpreters or build tools.
- **What a granted place is used for.** Who may read a file and reach a host can send the one to the other; who may ask
  a server can tell it things by what is asked for.
- **Other users of the machine.** Who can write to a granted folder, the policy file or the store can do what these do.
- **What a granted effect makes of a secret.** A secret is `***` wherever it shows up again, but a part of it, or its
  base64 from a granted process, is another text: grant secrets only where such effects are not.
- **Side channels**: time, load, and what there is to be learned from errors of effects that are allowed.
- **One long call into C.** Sizes are limited so that none should be long, but it is not interrupted: a tick may overrun
  its deadline by such a call.

The cases were chosen by us, from the known holes of systems like this one and from its own tests; none was left out for
how it came off. That a column has few escapes says that these ways are closed, not that there are no others.
"""


def mark(case: Case, contestant: str, found: Verdict) -> str:
    """The cell of a verdict."""
    note = "¹" if found.word == ESCAPED and case.helper and contestant != "vigyc" else ""
    return SHOWN.get(found.word, found.word) + note


def rows(cases: list[Case], results: Results, family: str) -> str:
    """The table of one family."""
    lines = [f"### {family.capitalize()}\n", f"| | | {' | '.join(COLUMNS.values())} |", "|---|---|---|---|---|"]
    for case in cases:
        if case.family == family:
            cells = [mark(case, contestant, results[case.id, contestant]) for contestant in CONTESTANTS]
            lines.append(f"| {case.id} | {case.title} | {' | '.join(cells)} |")
    lines += [f"\n{case.id}: {case.unmet}." for case in cases if case.family == family and case.unmet]
    return "\n".join(lines) + "\n"


def summary(cases: list[Case], results: Results) -> str:
    """How often each verdict was come to."""
    hostile, benign = [c for c in cases if not c.is_benign], [c for c in cases if c.is_benign]
    lines = [
        f"| | {' | '.join(COLUMNS.values())} |",
        "|---|---|---|---|",
    ]

    def count(of: list[Case], contestant: str, *words: str) -> list[Case]:
        return [case for case in of if results[case.id, contestant].word in words]

    def line(title: str, cell: object) -> None:
        lines.append(f"| {title} | {' | '.join(str(cell(who)) for who in CONTESTANTS)} |")  # type: ignore[operator]

    line(f"contained, of {len(hostile)} attempts", lambda who: f"**{len(count(hostile, who, *CONTAINED))}**")
    for word in (BLOCKED, ERRORED, HARMLESS):
        line(f"– {word}", lambda who, word=word: len(count(hostile, who, word)))
    line("escaped", lambda who: len(count(hostile, who, ESCAPED)))
    line(
        "– through a function of the host ¹",
        lambda who: sum(case.helper for case in count(hostile, who, ESCAPED)) if who != "vigyc" else "–",
    )
    line("hung or crashed", lambda who: len(count(hostile, who, HUNG)))
    line(f"ran, of {len(benign)} benign programs", lambda who: f"**{len(count(benign, who, OK))}**")
    return "\n".join(lines)


def page(cases: list[Case], results: Results) -> str:
    """The whole page."""
    head = HEAD.format(
        count=len(cases), python=platform.python_version(), restricted=version("RestrictedPython"),
        system=platform.system(), summary=summary(cases, results), memory=arena.MOST_MEMORY // 2**20,
        wall=arena.WALL, deadline=arena.DEADLINE,
    )  # fmt: skip
    return head + "## The cases\n\n" + "\n".join(rows(cases, results, family) for family in FAMILIES) + TAIL


def main() -> None:
    cases = arena.cases()
    pairs = list(product(cases, CONTESTANTS))
    results: Results = {}
    with ThreadPoolExecutor(2) as pool:
        for (case, contestant), found in zip(pairs, pool.map(lambda pair: arena.tried(*pair), pairs), strict=True):
            results[case.id, contestant] = found
            why = found.why.replace("\n", " ")[:90]
            print(f"{case.id} {contestant:10} {found.word:9} {found.seconds:4.1f} s  {why}", flush=True)
    print("\n" + summary(cases, results))
    PAGE.write_text(page(cases, results), "utf-8")


if __name__ == "__main__":
    main()
