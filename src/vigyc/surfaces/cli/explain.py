"""From `vigyc explain REF` to why a vigy is as it is, in sentences, the last of which says what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import click

from vigyc.service import overview as phases
from vigyc.service.explanation import Explanation
from vigyc.surfaces.cli import options
from vigyc.surfaces.cli.options import Format
from vigyc.surfaces.cli.output import one_line, say, say_json
from vigyc.surfaces.cli.place import Place, place_options
from vigyc.surfaces.cli.store_access import reached
from vigyc.surfaces.cli.vigy_argument import ref_argument
from vigyc.surfaces.wire.answers import explanation_json

_ADVICE: Final[Mapping[str, str]] = {
    phases.DISABLED: "To let it tick again: vigyc enable {name}",
    phases.RUNNING: "Nothing is to be done; when it ends you see it with: vigyc tail --vigy {name}",
    phases.PAUSED: "To let it go on: vigyc resume (of the server that was paused)",
    phases.STANDBY: "To let it tick: vigyc serve",
    phases.BACKING_OFF: "To see what fails: vigyc runs {name}; to try it at once: vigyc tick {name}",
    phases.LATE: "To see what takes the time: vigyc tail --since 1m",
}
_ALL_IS_WELL: Final = "Nothing is to be done."
_FAILED: Final = "To see what fails: vigyc runs {name}; to try it without effect: vigyc tick {name} --dry-run"


@click.command("explain")
@ref_argument
@place_options
@options.format_option
def command(ref: str, place: Place, as_format: Format) -> int:
    """Say why the vigy REF ticks or does not: late, failing, held back, disabled; and what to do."""
    with reached(place) as runtime:
        explanation = runtime.explain(ref)
        failures = runtime.standing(ref).failures
    advice = _advice(explanation, failing=failures > 0)
    if as_format == "table":
        for sentence in (*explanation.sentences, advice):
            say(one_line(sentence))
        return 0
    say_json({**explanation_json(explanation), "advice": advice})
    return 0


def _advice(explanation: Explanation, *, failing: bool) -> str:
    usual = _FAILED if failing else _ALL_IS_WELL
    return _ADVICE.get(explanation.phase, usual).format(name=explanation.vigy.name)
