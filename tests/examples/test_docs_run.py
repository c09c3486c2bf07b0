"""The Python of the README and of the pages of the docs runs as it is written there, in a directory of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from examples.docs import ROOT, blocks, programs
from examples.world import EXAMPLES

TOLD = {
    "README.md": ["update {'from': 0, 'to': 1}", "update {'from': 1, 'to': 2}"],
    "docs/runtime.md": ["ok (Action(kind='update', payload={'running': 1}, result=None, message=None),)", "4 run"],
    "docs/tour.md": ["noop"],
    "docs/effects.md": ["allowed by env:HOME"],
    "docs/enhance.md": ["applied 2 (define limit 5)"],
    "docs/server.md": ["ok"],
}
ASKING = {"docs/client.md"}
"""Those whose programs ask a server; see test_server_docs."""


def test_pages_with_python_are_all_run() -> None:
    pages = ["README.md", *(str(page.relative_to(ROOT)) for page in (ROOT / "docs").rglob("*.md"))]
    assert {page for page in pages if programs(page)} == TOLD.keys() | ASKING


@pytest.mark.parametrize("page", TOLD)
def test_the_python_of_a_page_runs(page: str, tmp_path: Path) -> None:
    """A program that names its file in its first line is in that file; so are the examples."""
    for example in EXAMPLES.glob("*.tatara"):
        shutil.copy(example, tmp_path)
    for text in blocks(page, "lisp"):
        named = re.match(r";; (\S+\.tatara):", text)
        if named is not None:
            (tmp_path / named[1]).write_text(text, "utf-8")
    (program,) = programs(page)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False,
        timeout=60, env={**os.environ, "HOME": str(tmp_path), "VIGYC_CACHE_DIR": str(tmp_path / "cache")},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    told = done.stdout.splitlines()
    assert told
    assert told == TOLD[page][: len(told)]  # how far it comes in its time depends on the machine
