"""The pipeline needs no extra: what rules and people propose becomes versions where only the core is installed."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODULES = {
    "cronsim", "h11", "websockets", "mcp", "yaml", "re2", "tomli_w", "keyring", "starlette", "uvicorn", "httptools",
    "prometheus_client", "uvloop", "httpx2", "httpcore2", "grpc", "google.protobuf", "graphql", "opentelemetry",
}  # fmt: skip
PROGRAM = """
import sys
for name in {modules!r}:
    sys.modules[name] = None  # whoever imports it is told that it is not there
import vigyc
with vigyc.Runtime.open(settings=vigyc.Settings(record="all"), cache=False) as runtime:
    runtime.register('(define limit 3)\\n(when (> (vigy-incr "n") limit) (vigy-restart nil))', name="w")
    runtime.tick("w")
    runtime.enhance.submit("w", "raise limit from 3 to 5")
    runtime.enhance.submit("w", "count", proposal={{"edits": [{{"op": "rename", "old": "limit", "new": "most"}}]}})
    runtime.enhance.submit("w", "make it nicer")
    runtime.enhance.drain()
    for epoch in reversed(runtime.enhance.log()):
        print(epoch.outcome, *epoch.reasons[:1])
"""


def test_an_epoch_needs_nothing_but_the_core() -> None:
    program = PROGRAM.format(modules=sorted(MODULES))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    first, second, third = done.stdout.splitlines()
    assert (first, second) == ("applied", "applied")
    assert third.startswith("rejected no-rule: no rule knows what is asked for; say it in words the rules know")


def test_the_extras_are_all_thought_of() -> None:
    """A package of an extra that is added must be named above, by the name it is imported by."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    packages = {
        package.split(";")[0].split("[")[0].split(">")[0].split("<")[0].strip()
        for name in extras
        if name not in {"bench", "dev", "all"}
        for package in extras[name]
    }
    known = {
        "cronsim": "cronsim", "h11": "h11", "websockets": "websockets", "mcp": "mcp", "pyyaml": "yaml",
        "google-re2": "re2", "tomli-w": "tomli_w", "keyring": "keyring", "starlette": "starlette",
        "uvicorn": "uvicorn", "httptools": "httptools", "prometheus-client": "prometheus_client", "uvloop": "uvloop",
        "httpx2": "httpx2", "grpcio": "grpc", "grpcio-health-checking": "grpc", "grpcio-reflection": "grpc",
        "protobuf": "google.protobuf", "graphql-core": "graphql", "opentelemetry-sdk": "opentelemetry",
        "opentelemetry-exporter-otlp-proto-http": "opentelemetry", "tzdata": None, "vigyc": None,
    }  # fmt: skip
    assert packages <= known.keys()
    assert {module for module in known.values() if module} <= MODULES
