"""Issues for the tests of the pages of the enhance pipeline, and programs that they are about."""

from __future__ import annotations

from typing import Final

SAID: Final = """; says one thing
(vigy-log "info" "one")
(vigy-noop)
"""
BETTER: Final = SAID.replace('"one"', '"two"')
WRONG: Final = SAID.replace("(vigy-noop)", "(vigy-nop)")
EDITS: Final = '[{"op": "replace", "path": [0, 2], "old": "\\"one\\"", "new": "\\"two\\""}]'
