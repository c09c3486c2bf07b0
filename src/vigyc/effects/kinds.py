"""From the name of a kind of effect to what grants of it speak of.

A kind is the least that can be granted. `scope` says what follows the colon in a grant: nothing, paths, hosts,
programs (executables) or plain names. A grant without a scope, where there could be one, is an error: any is `*`.
"""

from __future__ import annotations

from typing import Final, NamedTuple

NONE: Final = "none"
PATH: Final = "path"
HOST: Final = "host"
PROGRAM: Final = "program"
NAME: Final = "name"
PORT: Final = "port"


class Kind(NamedTuple):
    """A kind of effect: what it lets a program do, and what its grants speak of."""

    name: str
    scope: str
    doc: str


_ALL: Final = (
    Kind("print", NONE, "write to the console of the process"),
    Kind("log", NONE, "write to the log of the runtime"),
    Kind("time", NONE, "sleep, and read the clock that goes on during a tick"),
    Kind("random", NONE, "draw random numbers and bytes"),
    Kind("fs.read", PATH, "read files and list folders below a path"),
    Kind("fs.write", PATH, "create, change and remove files and folders below a path"),
    Kind("proc", PROGRAM, "run a program, with the arguments that match"),
    Kind("env", NAME, "read an environment variable"),
    Kind("secret", NAME, "hold a secret that the policy names"),
    Kind("net", HOST, "make connections to a host"),
    Kind("serve", PORT, "listen on a port of this machine"),
    Kind("kv", PATH, "open a key/value file below a path"),
    Kind("sql", PATH, "open a SQLite file below a path"),
    Kind("llm.local", NAME, "ask a language model on this machine"),
    Kind("llm.cloud", NAME, "ask a language model of a provider"),
    Kind("mcp", NAME, "call the tools of an MCP server that the policy names"),
    Kind("a2a", HOST, "send messages to an agent"),
)
KINDS: Final = {kind.name: kind for kind in _ALL}
