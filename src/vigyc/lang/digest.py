"""From a program's text to its name: the digest.

The digest names exactly the text it was made of: every byte counts, white space and comments too. It never changes
when vigyc does; what a cache entry is filed under is another hash, made elsewhere.
"""

from __future__ import annotations

from blake3 import blake3


def digest(text: str) -> str:
    """`b3:` and the BLAKE3 of the UTF-8 bytes of `text` in hexadecimal."""
    return "b3:" + blake3(text.encode("utf-8", "surrogatepass")).hexdigest()
