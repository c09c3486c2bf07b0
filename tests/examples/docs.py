"""The pages of the docs, and the blocks of code in them."""

from __future__ import annotations

import re

from examples.world import EXAMPLES

ROOT = EXAMPLES.parent


def blocks(page: str, language: str) -> list[str]:
    """The blocks of code of a page that are written in `language`."""
    text = (ROOT / page).read_text("utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def programs(page: str) -> list[str]:
    """Those of its blocks of Python that are programs: others show what a program of the language becomes."""
    return [text for text in blocks(page, "python") if "import vigyc" in text]
