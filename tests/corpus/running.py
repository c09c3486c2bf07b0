"""From a case to what came of it: run it through the embedding API and compare.

As a program (`python -m corpus.running CACHE_DIR`) it runs the whole corpus with that cache and prints, as JSON, the
problems found and whether the parser was loaded by any program that does not itself read text.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import vigyc
from corpus import corpus
from vigyc.lang.source import Source


def problems(case: corpus.Case, cache: Any = False) -> list[str]:
    """Sentences on what of `case` does not hold."""
    out = []
    if case.findings:
        found = sorted(_findings(case))
        wanted = sorted(_want_finding(text, found) for text in case.findings)
        if wanted != found:
            out.append(f"{case.name}: check finds {found}, wanted {sorted(case.findings)}")
    if case.runs:
        got = observe(case, cache)
        for key, want in case.wants.items():
            if key != "given" and not _agrees(sorted(want) if key in {"dirty", "deleted"} else want, got.get(key)):
                out.append(f"{case.name}: {key}: wanted {want!r}, got {got.get(key)!r} ({_outcome(got)})")
        if "raises" in got and "raises" not in case.wants:
            out.append(f"{case.name}: raised {got['raises']}: {got['short']}")
        if got["prints"] and "prints" not in case.wants:
            out.append(f"{case.name}: printed {got['prints']}")
    return out


def observe(case: corpus.Case, cache: Any) -> dict[str, Any]:
    """Everything an expectation can speak of."""
    host = vigyc.Host()
    source = Source(case.name, case.text)
    got: dict[str, Any] = {}
    try:
        program = vigyc.compile(
            case.text, filename=case.name, cache=cache, modules=case.modules if case.modules else None
        )
        if case.is_tick:
            ticker = _ticker(program, case)
            try:
                ticker.tick()
            finally:
                host = ticker.host
        else:
            got["=>"] = vigyc.display(program.eval(host))
    except vigyc.CompileError as error:
        first = error.diagnostics[0]
        got |= {"raises": first.kind, "short": first.message, "place": _place(source, first.start)}
        if first.thrown is not None:
            got["thrown"] = first.thrown
    except vigyc.TickError as error:
        got |= {"raises": error.kind, "short": error.short}
        if error.span is not None:
            got["place"] = _place(source, error.span[0])
        if isinstance(error, vigyc.Thrown):
            got["thrown"] = vigyc.display(error.value)
    except vigyc.InternalError as error:
        got |= {"raises": "internal", "short": str(error)}
    except vigyc.Halted:
        got |= {"raises": "halted", "short": ""}
    output = "".join(host.output)
    got["prints"] = output.removesuffix("\n").split("\n") if output else None
    return got | _buffers(host)


def _ticker(program: vigyc.Program, case: corpus.Case) -> vigyc.Ticker:
    """A ticker whose first tick finds what the case says is given."""
    fields = case.host_fields
    ticker = vigyc.Ticker(program, dict(case.given), clock=lambda: fields.get("tick_start_ms", 0), deadline=30)
    ticker.scope.tick_count = fields.get("tick_count", 0)
    ticker.scope.previous_tick_ms = fields.get("previous_tick_ms")
    return ticker


def _buffers(host: vigyc.Host) -> dict[str, Any]:
    seen = host.snapshot()
    return {
        "kv": seen["kv"],
        "deleted": seen["kv_deleted"],
        "dirty": seen["kv_dirty"],
        "action": seen["actions"],
        "condition": seen["conditions"],
        "log": [[line["level"], line["message"]] for line in seen["log"]],
        "event": [[event["kind"], event["message"]] for event in seen["events"]],
        "desired": seen["desired"],
        "observed": seen["observed"],
        "trace": seen["trace"],
        "metric": seen["metrics"],
    }


def _findings(case: corpus.Case) -> list[str]:
    source = Source(case.name, case.text)
    return [
        f"{finding.severity}[{finding.id}] at {_place(source, finding.start)}"
        for finding in vigyc.check(case.text, filename=case.name)
    ]


def _want_finding(text: str, found: list[str]) -> str:
    """`text` itself, or the finding it names when it gives no place."""
    if " at " in text:
        return text
    return next((finding for finding in found if finding.startswith(text)), text)


def _place(source: Source, offset: int) -> str:
    line, column = source.place(offset)
    return f"{line}:{column}"


def _agrees(want: Any, got: Any) -> bool:
    return json.dumps(want, sort_keys=True) == json.dumps(got, sort_keys=True)


def _outcome(got: dict[str, Any]) -> str:
    return f"raised {got['raises']}: {got['short']}" if "short" in got else f"value {got.get('=>')}"


_NEVER_KEPT = ("reader", "host-at-compile-time", "macro-expansion-limit")  # these end the compilation


def _needs_parser(case: corpus.Case) -> bool:
    """Whether the parser is needed though the program was compiled before: it reads text, or cannot be compiled."""
    fails_to_compile = case.wants.get("raises") == "reader" or ("raises" in case.wants and "defmacro" in case.text)
    return fails_to_compile or any(word in case.text for word in ("eval", "read-", "macroexpand"))


def _main(place: str) -> None:
    cache = vigyc.Cache(place)
    every = corpus.every_case()
    quiet = [case for case in every if not case.findings and not _needs_parser(case)]
    found = [sentence for case in quiet for sentence in problems(case, cache)]
    loaded = "lark" in sys.modules
    others = [case for case in every if not case.findings and _needs_parser(case)]
    found += [sentence for case in others for sentence in problems(case, cache)]
    json.dump({"problems": found, "parser_loaded": loaded, "count": len(quiet) + len(others)}, sys.stdout)


if __name__ == "__main__":
    _main(sys.argv[1])
