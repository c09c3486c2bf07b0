"""From the host of a tick to the lines that tell of it: a heading, then a line for each thing the tick did.

In JSON one object a tick: `program`, `tick`, `at` (ms), `ok`, the buffers as in the result of a batch, of the kv only
what changed, the `output`, and for a failed tick its `error`. What a program displays goes to stderr, so that stdout
holds nothing but decisions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vigyc.model.timestamp import rfc3339
from vigyc.runtime.host import Host
from vigyc.runtime.json_value import dumps
from vigyc.runtime.recording import report_of
from vigyc.surfaces.cli.outcome import Failure
from vigyc.surfaces.cli.output import say, say_json, show
from vigyc.surfaces.cli.run_text import report_lines, say_lines


class Report:
    """Tells of ticks on stdout, as text or as JSON, and of failures on stderr."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json

    def tick(self, name: str, number: int, host: Host, trouble: Failure | None) -> None:
        """Tell of tick `number` of program `name`, which failed if there is `trouble`."""
        if self.as_json:
            say_json(_as_json(name, number, host, trouble))
            return
        failed = "  failed" if trouble else ""
        say(f"{rfc3339(host.tick_start_ms)}  {name} #{number}{failed}")
        say_lines([*report_lines(report_of(host), host.actions), *_kv_lines(host)])
        output = "".join(host.output)
        if output:
            say(output, err=True, newline=not output.endswith("\n"))
        if trouble:
            show(trouble.findings, trouble.source)


def _kv_lines(host: Host) -> Iterator[tuple[str, str]]:
    for key in sorted(host.dirty):
        yield "kv", f"{key} = {dumps(host.kv[key])}"
    for key in sorted(host.deleted):
        yield "kv", f"{key} deleted"


def _as_json(name: str, number: int, host: Host, trouble: Failure | None) -> dict[str, Any]:
    buffers = host.snapshot()
    del buffers["kv_dirty"]
    buffers["kv"] = {key: host.kv[key] for key in host.dirty}
    told = {"program": name, "tick": number, "at": host.tick_start_ms, "ok": trouble is None, **buffers}
    told["output"] = "".join(host.output)
    if trouble:
        error = trouble.to_json()
        del error["ok"]
        told["error"] = error
    return told
