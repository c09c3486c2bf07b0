"""From what programs do to the world, as found without running them, to JSON data and back.

A use is told with its line and column for people, and with its span (UTF-8 bytes) for whoever has the text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vigyc.auditing import Asked, Use, Uses
from vigyc.effects import kinds
from vigyc.effects.kinds import KINDS, NONE
from vigyc.lang.errors import Invalid
from vigyc.lang.source import Source
from vigyc.model.reading import Fields, Reader, anything, each, flag, one_of, text, whole
from vigyc.model.run_codec import given
from vigyc.model.vigy import Vigy
from vigyc.programs import Checked
from vigyc.service.audit import PROGRAM, Audited
from vigyc.surfaces.wire.finding import finding_json, finding_of

NOUNS: Final = {
    kinds.PATH: "path", kinds.HOST: "host", kinds.PROGRAM: "program", kinds.NAME: "name", kinds.PORT: "port",
}  # fmt: skip
"""What an effect is for, by the scope of its kind."""


def checked_json(checked: Checked, program: str) -> dict[str, Any]:
    """What can be said of a program without running it; it can be registered if `ok`."""
    ok = not checked.refused and all(finding.severity != "error" for finding in checked.findings)
    return {
        "ok": ok,
        "findings": [finding_json(finding, program) for finding in checked.findings],
        "refused": [finding_json(finding, program) for finding in checked.refused],
        **_uses_json(checked.uses),
    }


def checked_of(data: object, texts: Mapping[str, str]) -> Checked:
    """The same; `texts` are the program (`<program>`) and its modules by name."""
    fields = Fields(data, "check")
    findings = each(lambda finding, _: finding_of(finding))
    found, refused = fields.need("findings", findings), fields.need("refused", findings)
    return Checked(list(found), list(refused), _read_uses(fields, texts))


def audited_json(audited: Audited) -> dict[str, Any]:
    """What a vigy can do to the world."""
    return {
        "vigy_id": audited.vigy.id,
        "name": audited.vigy.name,
        **_uses_json(audited.uses),
        **given(problem=audited.problem),
    }


def audited_of(data: object, vigies: Mapping[str, Vigy]) -> Audited:
    """What one of `vigies` (by id) can do to the world."""
    fields = Fields(data, "audited")
    vigy = vigies.get(fields.need("vigy_id", text))
    if vigy is None:
        raise Invalid("audited.vigy_id: it is not one of those that were asked about")
    return Audited(vigy, _read_uses(fields, texts_of(vigy)), fields.may("problem", text, None))


def texts_of(vigy: Vigy) -> Mapping[str, str]:
    """Its program and its modules, by the names under which they are audited."""
    return {**({} if vigy.modules is None else vigy.modules["texts"]), PROGRAM: vigy.program}


def _uses_json(uses: Uses) -> dict[str, Any]:
    return {
        "effects": list(uses.kinds),
        "evaluates": uses.evaluates,
        "uses": [_use_json(use) for use in uses.uses],
    }


def _use_json(use: Use) -> dict[str, Any]:
    line, column = use.source.place(use.start)
    return {
        "operation": use.name,
        "pack": use.pack,
        "how": use.how,
        "file": use.source.name,
        "line": line,
        "column": column,
        "span": [use.start, use.end],
        **given(required_at=None if use.via is None else list(use.via)),
        "asks": [_ask_json(ask) for ask in use.asks],
    }


def _ask_json(ask: Asked) -> dict[str, Any]:
    scope = KINDS[ask.kind].scope
    if scope == NONE:
        return {"effect": ask.kind}
    told: Mapping[str, Any] = {"dynamic": True} if ask.dynamic else {NOUNS[scope]: ask.literal}
    return {"effect": ask.kind, **told}


def _read_uses(fields: Fields, texts: Mapping[str, str]) -> Uses:
    sources = {name: Source(name, found) for name, found in texts.items()}

    def read(data: object, where: str) -> Use:
        use = Fields(data, where)
        file = use.need("file", text)
        start, end = use.need("span", _span)
        return Use(
            use.need("operation", text),
            use.need("pack", text),
            use.need("how", text),
            use.need("asks", each(_read_ask)),
            sources.get(file) or Source(file, ""),
            start,
            end,
            use.may("required_at", _span, None),
        )

    return Uses(fields.need("uses", each(read)), fields.need("evaluates", flag))


def _read_ask(data: object, where: str) -> Asked:
    fields = Fields(data, where)
    kind = fields.need("effect", one_of(*KINDS))
    noun = NOUNS.get(KINDS[kind].scope)
    return Asked(kind, None if noun is None else fields.may(noun, anything, None))


def _read_span(value: object, where: str) -> tuple[int, int]:
    start, end = (*each(whole)(value, where), 0, 0)[:2]
    return start, end


_span: Final[Reader[tuple[int, int]]] = _read_span
