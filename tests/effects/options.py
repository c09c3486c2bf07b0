"""The options of a call, as a program gives them."""

from __future__ import annotations

from typing import Any

from vigyc.lang.datum import keyword


def options(**given: Any) -> dict[Any, Any]:
    """A map with keywords as keys; `timeout_ms` is `:timeout-ms`."""
    return {keyword(name.replace("_", "-")): value for name, value in given.items()}
