"""From a snippet of Python to what came of it in a sandbox of the kind people build: `bare` or `restricted`.

A child process of the arena: it reads one JSON object on stdin (contestant, source, grants) and prints one JSON
object. Both contestants get the same functions for what is granted, written as such hosts are: the check compares the
text of what is asked for, and the library function then does it. Both get an alarm at the deadline.
"""

from __future__ import annotations

import glob
import io
import json
import operator
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import redirect_stdout
from typing import Any
from urllib.parse import urlsplit

SIGNING_KEY = "@CANARY@"  # what a host has in its globals, and does not mean to show
BLOCKLIST = re.compile(r"\b(import|__import__|open|eval|exec|compile|os|sys|subprocess|socket)\b")
NOT_GIVEN = {"open", "__import__", "eval", "exec", "compile", "input", "breakpoint", "globals", "vars", "help"}

Helpers = dict[str, Callable[..., Any]]


class Late(Exception):
    """The alarm."""


def granted(grants: list[str]) -> dict[str, list[str]]:
    """The scopes of the grants by their kind."""
    scopes: dict[str, list[str]] = {}
    for grant in grants:
        kind, _, scope = grant.partition(":")
        scopes.setdefault(kind, []).append(scope)
    return scopes


def below(path: str, roots: list[str]) -> str:
    """`path`, absolute and folded, which must lie below one of `roots`."""
    whole = os.path.abspath(path)
    if not any(whole == root or whole.startswith(root.rstrip("/") + "/") for root in roots):
        raise PermissionError(f"{path} is not allowed")
    return whole


def file_helpers(scopes: dict[str, list[str]]) -> Helpers:
    """Reading and writing below the granted folders."""
    roots, written = scopes.get("fs.read", []), scopes.get("fs.write", [])

    def read_file(path: str) -> str:
        with open(below(path, roots), encoding="utf-8") as file:
            return file.read()

    def list_files(pattern: str) -> list[str]:
        return sorted(glob.glob(below(pattern, roots), recursive=True))

    def write_file(path: str, text: str) -> None:
        with open(below(path, written), "w", encoding="utf-8") as file:
            file.write(text)

    def make_dir(path: str) -> None:
        os.makedirs(below(path, written), exist_ok=True)

    def copy_file(source: str, target: str) -> None:
        shutil.copy(below(source, roots), below(target, written))

    def log(path: str, message: str) -> None:
        with open(below(path, written), "a", encoding="utf-8") as file:
            file.write(f"INFO {message}\n")

    found: Helpers = {"read_file": read_file, "list_files": list_files} if roots else {}
    if written:
        found |= {"write_file": write_file, "make_dir": make_dir, "copy_file": copy_file, "log": log}
    return found


def other_helpers(scopes: dict[str, list[str]]) -> Helpers:
    """Whatever else is granted: hosts, programs, variables, databases, sleeping."""
    hosts = [scope.partition(":")[0] for scope in scopes.get("net", [])]
    programs = [scope.split()[0].rpartition("/")[2] for scope in scopes.get("proc", [])]
    databases: dict[str, sqlite3.Connection] = {}

    def http_get(url: str) -> str:
        if urlsplit(url).hostname not in hosts:
            raise PermissionError(f"{url} is not allowed")
        with urllib.request.urlopen(url, timeout=30) as answer:
            data: bytes = answer.read()
        return data.decode()

    def run(argv: list[str], given: str = "") -> str:
        if os.path.basename(argv[0]) not in programs:
            raise PermissionError(f"{argv[0]} is not allowed")
        return subprocess.run(argv, input=given, capture_output=True, text=True, timeout=30, check=False).stdout

    def sql(path: str, statement: str, values: list[Any] | None = None) -> list[Any]:
        whole = below(path, scopes["sql"])
        if whole not in databases:
            databases[whole] = sqlite3.connect(whole, isolation_level=None)
        return [list(row) for row in databases[whole].execute(statement, values or [])]

    def getenv(name: str) -> str | None:
        if name not in scopes["env"]:
            raise PermissionError(f"{name} is not allowed")
        return os.environ.get(name)

    offered: dict[str, Helpers] = {
        "net": {"http_get": http_get},
        "proc": {"run": run},
        "sql": {"sql": sql},
        "env": {"getenv": getenv},
        "time": {"sleep_ms": lambda ms: time.sleep(ms / 1000)},
    }
    return {name: helper for kind in scopes for name, helper in offered.get(kind, {}).items()}


def pure_helpers() -> Helpers:
    """What every host offers: it reaches nothing outside."""
    return {"json_parse": json.loads, "json_write": json.dumps, "regex_match": lambda p, s: bool(re.match(p, s))}


def bare(source: str, helpers: Helpers) -> Any:
    """`exec` with the dangerous builtins left out, of a source in which certain words do not occur."""
    if found := BLOCKLIST.search(source):
        raise PermissionError(f"{found[0]} is not allowed")
    builtins = __builtins__ if isinstance(__builtins__, dict) else vars(__builtins__)
    given = {name: value for name, value in builtins.items() if name not in NOT_GIVEN}
    scope: dict[str, Any] = {"__builtins__": given, **helpers}
    exec(source, scope)
    return scope.get("result")


def _writable(name: str, bases: tuple[type, ...], members: dict[str, Any]) -> type:
    """A class of the snippet's own, to the objects of which it may write."""
    return type(name, bases, {**members, "_guarded_writes": True})


def restricted(source: str, helpers: Helpers) -> Any:
    """RestrictedPython as its documentation sets it up, with the common types and functions besides."""
    from RestrictedPython import PrintCollector, compile_restricted, limited_builtins, safe_builtins
    from RestrictedPython.Eval import default_guarded_getitem, default_guarded_getiter
    from RestrictedPython.Guards import (
        full_write_guard,
        guarded_iter_unpack_sequence,
        guarded_unpack_sequence,
        safer_getattr,
    )  # fmt: skip

    inplace = {"+=": operator.iadd, "-=": operator.isub, "*=": operator.imul, "**=": operator.ipow}
    common = (dict, set, frozenset, map, filter, enumerate, min, max, sum, any, all, reversed, iter, next)
    scope: dict[str, Any] = {
        "__builtins__": {**safe_builtins, **limited_builtins, **{found.__name__: found for found in common}},
        "_getattr_": safer_getattr,
        "_getitem_": default_guarded_getitem,
        "_getiter_": default_guarded_getiter,
        "_iter_unpack_sequence_": guarded_iter_unpack_sequence,
        "_unpack_sequence_": guarded_unpack_sequence,
        "_write_": full_write_guard,
        "_inplacevar_": lambda op, x, y: inplace[op](x, y),
        "_print_": PrintCollector,
        "__metaclass__": _writable,
        "__name__": "snippet",
        **helpers,
    }
    exec(compile_restricted(source, "<snippet>", "exec"), scope)
    return scope.get("result")


def refused(error: BaseException) -> bool:
    """Whether the sandbox said no, rather than just not having the name that was asked for."""
    said = str(error)
    return (
        isinstance(error, PermissionError | ImportError | Late | NotImplementedError | RecursionError)
        or (isinstance(error, SyntaxError) and "Line " in said)  # RestrictedPython's own
        or (isinstance(error, AttributeError) and "is an invalid attribute name" in said)
        or (isinstance(error, TypeError) and "attribute-less object" in said)  # its write guard
    )


def outcome(task: dict[str, Any]) -> dict[str, Any]:
    """What came of it: `value`, `refused` or `error`, and the text of that."""
    scopes = granted(task["grants"])
    helpers = {**pure_helpers(), **file_helpers(scopes), **other_helpers(scopes)}
    contestant = {"bare": bare, "restricted": restricted}[task["contestant"]]

    def ring(*_: object) -> None:
        raise Late("the deadline passed")

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, task["seconds"], 0.05)
    printed = io.StringIO()
    try:
        with redirect_stdout(printed):
            value = contestant(task["source"], helpers)
            shown = str(value) + printed.getvalue()
    except BaseException as error:
        signal.setitimer(signal.ITIMER_REAL, 0)
        return {"outcome": "refused" if refused(error) else "error", "text": f"{type(error).__name__}: {error}"}
    signal.setitimer(signal.ITIMER_REAL, 0)
    return {"outcome": "value", "text": shown}


def main() -> None:
    task = json.load(sys.stdin)
    global SIGNING_KEY  # noqa: PLW0603
    SIGNING_KEY = task["canary"]
    found = outcome(task)
    print(json.dumps({**found, "text": found["text"][:100_000]}))


if __name__ == "__main__":
    main()
