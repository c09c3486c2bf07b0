"""From the headers of a request to whether a web page made it that must not: one open in a browser on this machine.

A browser reaches the loopback for any page. One of another origin is refused by what the browser says of it (`Origin`,
`Sec-Fetch-Site`), one whose name was made to lead here by the name (`Host`). A link that is followed is let in, and so
is who is no browser.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final

_PORT: Final = re.compile(r":[0-9]*$")
_OURS: Final = re.compile(r"(?:.+\.)?localhost\.?|[0-9.]+|\[[0-9A-Fa-f:.]+\]")


def is_foreign(method: str, headers: Mapping[str, str], origins: Collection[str]) -> bool:
    """Whether the request with these headers, by lower-case name, comes from a page of none of `origins` nor ours."""
    host, origin = headers.get("host", "localhost").lower(), headers.get("origin", "").lower()
    named = {given.lower() for given in origins}
    if not _OURS.fullmatch(_PORT.sub("", host)) and not {f"http://{host}", f"https://{host}"} & named:
        return True
    if origin:
        return origin not in {f"http://{host}", f"https://{host}"} | named
    follows_a_link = method == "GET" and headers.get("sec-fetch-mode") == "navigate"
    return headers.get("sec-fetch-site") in {"cross-site", "same-site"} and not follows_a_link
