"""From notices to stdout: lines in columns for people, in colour on a terminal, or a JSON object for each notice.

2026-01-02T03:04:05.250Z  hello    info      hello for the 2nd time
2026-01-02T03:04:05.251Z  hello    ok        tick 2: noop
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import click

from vigyc.model import notice as kinds
from vigyc.model.codec import to_json
from vigyc.model.notice import Notice
from vigyc.model.timestamp import rfc3339
from vigyc.surfaces.cli.colors import HUES
from vigyc.surfaces.cli.notice_text import ACTION, Line, Sieve
from vigyc.surfaces.cli.output import say, say_json, wants_color
from vigyc.surfaces.cli.store_access import Reached
from vigyc.surfaces.cli.table import width

WIDEST_NAME: Final = 24
_COLOURS: Final[Mapping[str, str]] = {
    **HUES, "error": "red", "warn": "yellow", kinds.MISSED: "yellow", kinds.GAP: "yellow", ACTION: "cyan",
    kinds.EVENT: "magenta",
    **dict.fromkeys((*kinds.REGISTRY, kinds.OWNER, kinds.RESOLVED, kinds.ISSUE, kinds.ENHANCE), "blue"),
}  # fmt: skip


class Teller:
    """Tells what `sieve` lets through of the stream of `runtime`."""

    def __init__(self, runtime: Reached, sieve: Sieve, *, as_json: bool) -> None:
        self._runtime = runtime
        self._sieve = sieve
        self._as_json = as_json
        self._colour = wants_color(err=False)
        self._names: dict[str, str] = {}
        self._learn()

    def tell(self, notice: Notice) -> None:
        """Tell of one notice, unless nothing of it is wanted."""
        if notice.kind in kinds.REGISTRY and notice.vigy_id is not None and notice.message is not None:
            self._names[notice.vigy_id] = notice.message
        lines = self._sieve.lines(notice)
        if not lines:
            return
        if self._as_json:
            say_json(to_json(notice))
            return
        stamp, name = _stamp(notice.at), self._name(notice.vigy_id)
        for line in lines:
            say(
                self._painted(stamp, name, line)
                if self._colour
                else f"{stamp}  {name}  {line.word:<10}  {line.text}".rstrip()
            )

    def _name(self, vigy_id: str | None) -> str:
        if vigy_id is not None and vigy_id not in self._names:
            self._learn()
        known = "" if vigy_id is None else self._names.setdefault(vigy_id, vigy_id)
        widest = min(max(map(width, self._names.values()), default=0), WIDEST_NAME)
        return known + " " * (widest - width(known))

    def _learn(self) -> None:
        self._names.update((vigy.id, vigy.name) for vigy in self._runtime.list())

    def _painted(self, stamp: str, name: str, line: Line) -> str:
        word = click.style(f"{line.word:<10}", fg=_COLOURS.get(line.word), dim=line.level in {"trace", "debug"} or None)
        return f"{click.style(stamp, dim=True)}  {click.style(name, bold=True)}  {word}  {self._lit(line.text)}"

    def _lit(self, text: str) -> str:
        """`text` with what was looked for standing out."""
        if not self._sieve.text:
            return text
        wanted = re.compile(re.escape(self._sieve.text), re.IGNORECASE)
        return wanted.sub(lambda found: click.style(found[0], reverse=True), text)


def _stamp(ms: int) -> str:
    """The time, always as wide."""
    return f"{rfc3339(ms)[:19]}.{ms % 1000:03}Z"
