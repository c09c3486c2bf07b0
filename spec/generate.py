"""From the schemas in spec/ to what the package ships of them: `python spec/generate.py` writes it, `--check` compares.

A row says where something comes from, where it goes, and what makes the one of the other. A maker takes the path of
the source and gives what the target must hold. The schemas are written by hand; what is made of them is not.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import yaml
from grpc_tools import protoc

ROOT = Path(__file__).parent.parent
SURFACES = "src/vigyc/surfaces"


class Row(NamedTuple):
    """A file made of another; paths are relative to the project."""

    source: str
    target: str
    make: Callable[[Path], bytes]


def json_of_yaml(source: Path) -> bytes:
    """YAML as JSON, in the order it is written."""
    data = yaml.safe_load(source.read_text("utf-8"))
    return (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode()


def as_it_is(source: Path) -> bytes:
    """The same."""
    return source.read_bytes()


def described(source: Path) -> bytes:
    """What protoc says of a .proto file and those it imports, without the comments."""
    with tempfile.TemporaryDirectory() as place:
        out = Path(place) / "out"
        done = protoc.main(
            ["protoc", f"-I{source.parent}", f"-I{files('grpc_tools') / '_proto'}", "--include_imports",
             f"--descriptor_set_out={out}", source.name]
        )  # fmt: skip
        if done:
            raise SystemExit(f"protoc refuses {source.name}")
        return out.read_bytes()


ROWS = (
    Row("spec/vigy.openapi.yaml", f"{SURFACES}/rest/openapi.json", json_of_yaml),
    Row("spec/vigy.graphql", f"{SURFACES}/graphql/schema.graphql", as_it_is),
    Row("spec/vigy.proto", f"{SURFACES}/grpc/vigy.binpb", described),
)  # fmt: skip


def main(check: bool) -> int:
    """Write the targets, or with `check` say which are stale; the number of those."""
    stale = 0
    for row in ROWS:
        made, target = row.make(ROOT / row.source), ROOT / row.target
        if not check:
            target.write_bytes(made)
        elif not target.exists() or target.read_bytes() != made:
            print(f"{row.target} is not what {row.source} says; run python spec/generate.py", file=sys.stderr)
            stale += 1
    return stale


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
