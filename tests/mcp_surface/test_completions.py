"""Completions of what is typed: vigies, runs, names of the language."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from mcp.types import PromptReference, ResourceTemplateReference

from mcp_surface.serving import at_http, played, served
from vigyc.service.runtime import Runtime

ABOUT = ResourceTemplateReference(uri="vigy://vigies/{id}")
RUN = ResourceTemplateReference(uri="vigy://runs/{run}")
BUILTIN = ResourceTemplateReference(uri="vigy://reference/builtins/{name}")
PACK = ResourceTemplateReference(uri="vigy://reference/packs/{pack}")


@pytest.mark.parametrize(
    ("ref", "argument", "begun", "expected"),
    [
        (ABOUT, "id", "we", ["web", "web-2"]),
        (PromptReference(name="repair_vigy"), "id", "da", ["data"]),
        (PromptReference(name="write_vigy"), "name", "vi", []),
        (BUILTIN, "name", "vigy-mark", ["vigy-mark-converged"]),
        (PACK, "pack", "crypt", ["crypto"]),
        (RUN, "run", "zzz", []),
    ],
)
def test_what_it_may_become(tmp_path: Path, ref: Any, argument: str, begun: str, expected: list[str]) -> None:
    async def story(url: str) -> None:
        async with at_http(url) as client:
            found = await client.complete(ref, {"name": argument, "value": begun})
            assert found.completion.values == expected

    with Runtime.open(tmp_path / "store.db") as runtime, served(runtime) as url:
        for name in ("web", "web-2", "data"):
            runtime.register("1", name=name, enabled=False)
        played(lambda: story(url))


def test_runs_and_no_more_than_a_hundred(tmp_path: Path) -> None:
    async def story(url: str) -> None:
        async with at_http(url) as client:
            assert (await client.complete(RUN, {"name": "run", "value": run.id[:30]})).completion.values == [run.id]
            names = (await client.complete(BUILTIN, {"name": "name", "value": ""})).completion
            assert len(names.values) == 100
            assert names.has_more

    with Runtime.open(tmp_path / "store.db") as runtime, served(runtime) as url:
        runtime.register("1", name="one", enabled=False)
        run = runtime.tick("one")
        played(lambda: story(url))
