"""An MCP server in a few lines, which starts fast and behaves as its argument says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

MODE = sys.argv[1] if len(sys.argv) > 1 else ""


def result(told: dict[str, Any]) -> dict[str, Any] | None:
    method = told["method"]
    if method == "initialize":
        about = {"name": "small", "version": "1"}
        return {
            "protocolVersion": told["params"]["protocolVersion"],
            "capabilities": {"tools": {}},
            "serverInfo": about,
        }
    if method == "tools/list":
        return tools(told.get("params") or {})
    if method == "tools/call":
        return called(told["params"])
    return None


def tools(params: dict[str, Any]) -> dict[str, Any]:
    """The list, in two pages."""
    if "cursor" in params:
        return {"tools": [{"name": "arguments", "inputSchema": {"type": "object"}}]}
    return {"tools": [{"name": "pid", "description": "It.", "inputSchema": {"type": "object"}}], "nextCursor": "2"}


def leave_behind() -> int:
    """The id of a process in a session of its own."""
    return subprocess.Popen(["sleep", "60"], start_new_session=True).pid


ACTS: dict[str, Callable[[], object]] = {
    "pid": os.getpid,
    "die": lambda: os._exit(3),
    "surroundings": lambda: "\n".join([*sorted(os.environ), os.getcwd(), str(os.getpid())]),
    "leave_behind": leave_behind,
    "grumble": lambda: sys.stderr.write("x" * 1_000_000),
}


def called(params: dict[str, Any]) -> dict[str, Any]:
    if params["name"] == "flood":
        while True:
            sys.stdout.write("x" * 65536)
    act = ACTS.get(params["name"])
    said = str(act()) if act is not None else json.dumps(params.get("arguments"), sort_keys=True)
    return {"content": [{"type": "text", "text": said}, {"type": "image", "data": "", "mimeType": "image/png"}]}


if MODE == "dead":
    sys.exit(1)
if MODE == "garbage":
    print("Starting up...", flush=True)
for line in sys.stdin:
    told = json.loads(line)
    if "id" not in told or MODE == "silent":
        continue
    found = result(told)
    answer = {"result": found} if found is not None else {"error": {"code": -32601, "message": "no such method"}}
    print(json.dumps({"jsonrpc": "2.0", "id": told["id"], **answer}), flush=True)
if MODE == "stubborn":
    time.sleep(60)
