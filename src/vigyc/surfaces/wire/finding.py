"""From a finding in a program to JSON data, with its place if the text is at hand, and back."""

from __future__ import annotations

from typing import Any

from vigyc.lang.diagnostic import Diagnostic
from vigyc.lang.source import Source
from vigyc.model.reading import Fields, each, mapping, text, whole


def finding_json(finding: Diagnostic, program: str | None = None) -> dict[str, Any]:
    """A finding: lines and columns (of the text of `program`) count from 1, spans are UTF-8 bytes."""
    return {
        "id": finding.id,
        "severity": finding.severity,
        "kind": finding.kind,
        "message": finding.message,
        **({} if program is None else place_json(finding, Source("<program>", program))),
        "span": [finding.start, finding.end],
        "notes": [{"label": label, "text": note} for label, note in finding.notes],
    }


def place_json(finding: Diagnostic, source: Source) -> dict[str, int]:
    """Where it is in `source`."""
    line, column = source.place(finding.start)
    end_line, end_column = source.place(finding.end)
    return {"line": line, "column": column, "end_line": end_line, "end_column": end_column}


def finding_of(data: object) -> Diagnostic:
    """The finding that JSON `data` is. Raises Invalid."""
    fields = Fields(data, "finding")
    start, end = fields.need("span", each(whole))
    notes = [Fields(note, "finding.notes") for note in fields.may("notes", each(mapping), ())]
    return Diagnostic(
        fields.need("id", text),
        fields.need("message", text),
        start,
        end,
        fields.need("kind", text),
        fields.need("severity", text),
        tuple((note.need("label", text), note.need("text", text)) for note in notes),
    )
