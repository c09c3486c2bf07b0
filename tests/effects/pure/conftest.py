"""A program's side of the pure packs: operations called by name."""

from __future__ import annotations

from typing import Any

import pytest

from vigyc.effects import catalog
from vigyc.lang.datum import keyword
from vigyc.lang.errors import TickError


class Pure:
    """The functions of the pure packs; keyword arguments are the options."""

    def __call__(self, name: str, *args: object, **options: object) -> Any:
        given = {keyword(option): value for option, value in options.items()}
        return catalog.pack(name.split("-", maxsplit=1)[0]).functions[name](*args, *([given] if options else []))

    def value(self, name: str, *args: object, **options: object) -> Any:
        """The value of a result that must be good."""
        result = self(name, *args, **options)
        assert result[keyword("ok")] is True, result[keyword("error")].message
        return result[keyword("value")]

    def error(self, name: str, *args: object, **options: object) -> tuple[str, str]:
        """Tag and message of a result that must not be."""
        result = self(name, *args, **options)
        assert result[keyword("ok")] is False, result
        return result[keyword("error")].tag, result[keyword("error")].message

    def raised(self, name: str, *args: object, **options: object) -> str:
        """Kind and text of the error that a call raises."""
        with pytest.raises(TickError) as caught:
            self(name, *args, **options)
        return f"{caught.value.kind}: {caught.value.short}"


@pytest.fixture(scope="session")
def pure() -> Pure:
    return Pure()


def record(**parts: object) -> dict[object, object]:
    return {keyword(name.replace("_", "-")): value for name, value in parts.items()}


@pytest.fixture(scope="session")
def rec() -> Any:
    """A map with keyword keys."""
    return record
