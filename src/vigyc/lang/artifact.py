"""From the compiler to the runtime: what one compiled program or module is, ready to be loaded.

An artifact is data and a code object, nothing that runs by itself; it is never changed, and many programs,
threads and cache entries may share one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import CodeType


@dataclass(frozen=True, slots=True)
class Artifact:
    """A compiled text.

    `digest` names the text; `code` is its module code object. `functions` leads from the name of a Python code
    object to the Lisp name, the parameter names and the name of the rest parameter (None: there is none);
    `variables` from a Python identifier to the Lisp name. `deep` says that it recurses other than by tail calls.
    `modules` are the required texts by path, `intrinsics` the names of the intrinsics the code uses; `text` is a
    module's own text, for the places of its errors. `requires` has the digest of every text that was looked for by
    path, empty where there was none.
    """

    digest: str
    code: CodeType
    functions: dict[str, tuple[str, tuple[str, ...], str | None]] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    deep: bool = False
    modules: dict[str, Artifact] = field(default_factory=dict)
    intrinsics: tuple[str, ...] = ()
    text: str = ""
    requires: dict[str, str] = field(default_factory=dict)
