"""From what a field holds that is no object in JSON to its JSON, and back: stamps, durations, labels, enums."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from google.protobuf.descriptor import FieldDescriptor

from vigyc.lang.errors import Invalid
from vigyc.model.action import ABSENT
from vigyc.model.timestamp import parse_rfc3339, rfc3339


def _write_stamp(stamp: Any, text: str) -> None:
    seconds, ms = divmod(parse_rfc3339(text), 1000)
    stamp.SetInParent()
    stamp.seconds, stamp.nanos = seconds, ms * 1_000_000


def _write_duration(duration: Any, ms: int) -> None:
    seconds, rest = divmod(abs(ms), 1000)
    sign = -1 if ms < 0 else 1
    duration.SetInParent()
    duration.seconds, duration.nanos = sign * seconds, sign * rest * 1_000_000


def _read_duration(duration: Any, where: str) -> int:
    ms, finer = divmod(duration.nanos, 1_000_000)
    if finer:
        raise Invalid(f"{where}: it must be a whole number of ms")
    return int(duration.seconds * 1000 + ms)


def _write_labels(labels: Any, entries: Mapping[str, str]) -> None:
    labels.SetInParent()
    labels.entries.update(entries)


INSIDES: Final[Mapping[str, tuple[Callable[[Any, Any], None], Callable[[Any, str], Any]]]] = {
    "google.protobuf.Timestamp": (_write_stamp, lambda stamp, _: rfc3339(_ms(stamp))),
    "google.protobuf.Duration": (_write_duration, _read_duration),
    "pleme.vigy.v1.Labels": (_write_labels, lambda labels, _: dict(labels.entries)),
}
"""Kinds of messages that are no object in JSON."""


def _ms(stamp: Any) -> int:
    return int(stamp.seconds * 1000 + stamp.nanos // 1_000_000)


def words_of(field: Any) -> Mapping[str, int]:
    """The words of an enum, by what they are called in JSON; none for what is no enum."""
    if field.type != FieldDescriptor.TYPE_ENUM:
        return {}
    prefix = "RESULT_STATUS_"
    return {each.name.removeprefix(prefix).lower(): each.number for each in field.enum_type.values}


def number_of(words: Mapping[str, int], word: str, where: str) -> int:
    """The number of a word. Raises Invalid."""
    if word not in words:
        raise Invalid(f"{where}: there is no {word!r:.60}")
    return words[word]


def word_of(words: Mapping[str, int], number: int) -> Any:
    """The word, absent for what is not said; a number that nobody knows stays one, to be refused."""
    return next((word for word, known in words.items() if known == number), number) if number else ABSENT
