"""From data to YAML text, one emitter event at a time: nesting costs no Python stack, and the text is bounded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vigyc.effects.data.bounds import check_text
from vigyc.effects.data.yaml_scalar import may_be_plain, scalar_text
from vigyc.runtime.json_value import Json


class _Text:
    """What the emitter writes to."""

    def __init__(self, op: str) -> None:
        self.op = op
        self.size = 0
        self.parts: list[str] = []

    def write(self, part: str) -> None:
        self.size += len(part)
        check_text(self.op, self.size)
        self.parts.append(part)


def written(op: str, yaml: Any, data: Json) -> str:
    """`data` as a YAML document in block style; `yaml` is PyYAML. Raises TickError `size-exceeded`."""
    text = _Text(op)
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    yaml.emit(_events(yaml, data), stream=text, Dumper=dumper, allow_unicode=True, width=2**30)
    return "".join(text.parts)


def _events(yaml: Any, data: Json) -> Iterator[Any]:
    yield yaml.StreamStartEvent()
    yield yaml.DocumentStartEvent(explicit=False)
    stack: list[tuple[Iterator[Json], dict[str, Json] | None]] = [(iter((data,)), None)]
    while stack:
        source, entries = stack[-1]
        for part in source:
            value = part
            if entries is not None:
                yield _string(yaml, part, is_key=True)
                value = entries[part]  # type: ignore[index]
            if isinstance(value, dict):
                yield yaml.MappingStartEvent(None, None, True, flow_style=not value)
                stack.append((iter(value), value))
                break
            if isinstance(value, list):
                yield yaml.SequenceStartEvent(None, None, True, flow_style=not value)
                stack.append((iter(value), None))
                break
            if value.__class__ is str:
                yield _string(yaml, value, is_key=False)
            else:
                yield yaml.ScalarEvent(None, None, (True, False), scalar_text(value))
        else:
            stack.pop()
            if stack:
                yield yaml.SequenceEndEvent() if entries is None else yaml.MappingEndEvent()
    yield yaml.DocumentEndEvent(explicit=False)
    yield yaml.StreamEndEvent()


def _string(yaml: Any, text: Any, *, is_key: bool) -> Any:
    style = "|" if not is_key and _suits_block(text) else None
    return yaml.ScalarEvent(None, None, (may_be_plain(text), True), text, style=style)


def _suits_block(text: str) -> bool:
    """Whether `text` is ordinary lines, which a block shows as they are."""
    lines = text.removesuffix("\n").split("\n")
    return (
        len(lines) > 1 and all(line == line.strip() for line in (lines[0], lines[-1])) and bool(lines[0] and lines[-1])
    )
