"""The pages made from the code are what the code says now, and every link leads somewhere."""

from __future__ import annotations

import re
import subprocess
import sys

from house import tree


def test_generated_pages_are_fresh() -> None:
    done = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"], cwd=tree.ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_links_lead_somewhere() -> None:
    pages = [*tree.ROOT.glob("*.md"), *(tree.ROOT / "docs").rglob("*.md"), *(tree.ROOT / "examples").rglob("*.md")]
    broken = [
        f"{page.relative_to(tree.ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text("utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert not broken


def test_readme_names_the_two_commands() -> None:
    text = (tree.ROOT / "README.md").read_text("utf-8")
    assert "scripts/run" in text
    assert "scripts/test" in text
