"""From the texts of secrets to values in which they do not show: the second line of defence, behind `Secret` itself.

A secret comes back where the world repeats it: in an error text, an echoed header, a logged URL. Found are its text,
also with characters of it written as URLs or JSON write them, and in short texts with other capitals, as host names
have. A secret of fewer than `SHORTEST` characters is not looked for, since it would be found everywhere. What else
could be made of it (base64, a part of it) is beyond this.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final
from urllib.parse import quote

from vigyc.runtime.secret import MASK

SHORTEST: Final = 4
_SHORT: Final = 4096  # characters of a text that is searched for other capitals, which takes longer
_MOST: Final = 64  # texts that are looked for: the newest


class Masking:
    """The secrets that have been handed out."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._any_case: re.Pattern[str] | None = None
        self._exact: re.Pattern[str] | None = None
        self._bytes: re.Pattern[bytes] | None = None

    def add(self, text: str) -> None:
        """Look for `text` from here on, if it is long enough."""
        if len(text) < SHORTEST or text in self._texts:
            return
        self._texts[text] = "".join([_spellings(char) for char in text])
        if len(self._texts) > _MOST:
            del self._texts[next(iter(self._texts))]
        pattern = "|".join([self._texts[text] for text in sorted(self._texts, key=len, reverse=True)])
        self._any_case = re.compile(pattern, re.IGNORECASE)
        self._exact = re.compile(pattern)
        self._bytes = re.compile(pattern.encode("utf-8", "surrogatepass"))

    def masked(self, value: Any) -> Any:
        """`value` with `***` in place of every secret in its strings and bytes, also of those in lists and maps."""
        if self._exact is None:
            return value
        whole = [value]
        stack: list[Any] = [whole]
        while stack:
            target = stack.pop()
            for step, item in list(target.items() if target.__class__ is dict else enumerate(target)):
                if item.__class__ is list:
                    target[step] = item.copy()
                    stack.append(target[step])
                elif item.__class__ is dict:
                    target[step] = {self._leaf(key): part for key, part in item.items()}
                    stack.append(target[step])
                else:
                    target[step] = self._leaf(item)
        return whole[0]

    def _leaf(self, value: Any) -> Any:
        if value.__class__ is str:
            pattern = self._any_case if len(value) <= _SHORT else self._exact
            return pattern.sub(MASK, value)  # type: ignore[union-attr]
        if value.__class__ is bytes:
            return self._bytes.sub(MASK.encode(), value)  # type: ignore[union-attr]
        return value


def _spellings(char: str) -> str:
    """A pattern for the ways `char` may be written."""
    if char.isascii() and char.isalnum():
        return char
    in_url = quote(char, safe="", errors="surrogatepass")
    forms = {char, in_url, in_url.lower(), json.dumps(char)[1:-1], json.dumps(char, ensure_ascii=False)[1:-1]}
    if char == " ":
        forms.add("+")
    forms.add(char.encode("utf-8", "surrogatepass").decode("latin-1"))  # UTF-8 read as Latin-1, as headers are
    return f"(?:{'|'.join(re.escape(form) for form in sorted(forms))})"
