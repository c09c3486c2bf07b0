"""From a program to an MCP server that runs it: a child process that is told things, and answers, a line at a time.

The SDK's own way to start one hands it variables of ours, looks the program up anew and reads lines of any length. Here
the file that was judged is run, in a clean environment, and a line has a limit; what it writes to its error output goes
nowhere. However it ends, all that it started ends with it.
"""

from __future__ import annotations

import os
from asyncio import StreamReader, StreamWriter, create_subprocess_exec
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from secrets import token_hex
from signal import SIGKILL
from typing import Any, Final, TypeAlias

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.shared.message import SessionMessage
from mcp.types import jsonrpc_message_adapter

from vigyc.effects.processes.environment import MARK, environment
from vigyc.effects.processes.leftovers import end_leftovers
from vigyc.effects.scopes.program import Invocation

GRACE: Final = 2.0  # seconds a server has to go once its input has ended
_LATE: Final = 2.0  # seconds a killed one is waited for

Arriving: TypeAlias = SessionMessage | Exception
Streams: TypeAlias = tuple[Any, Any]
"""What arrives and what leaves, as the SDK's transports have it."""


@asynccontextmanager
async def stdio(invocation: Invocation, folder: str, variables: Mapping[str, str], most: int) -> AsyncIterator[Streams]:
    """The streams of a server that `invocation` starts in `folder`, given `variables`; a line has at most `most` bytes.

    Raises OSError, and EffectFailed for a variable that no program is given.
    """
    mark = token_hex(16)
    process = await create_subprocess_exec(
        *invocation.argv, executable=invocation.path, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, cwd=folder,
        env=environment(variables, mark), start_new_session=True, limit=most,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    into_session, arriving = anyio.create_memory_object_stream[Arriving](0)
    leaving, from_session = anyio.create_memory_object_stream[SessionMessage](0)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_read, process.stdout, into_session)
        tasks.start_soon(_write, process.stdin, from_session)
        try:
            yield arriving, leaving
        finally:
            with anyio.CancelScope(shield=True):
                arriving.close()
                leaving.close()
                await _end(process, mark)
            tasks.cancel_scope.cancel()


async def _read(output: StreamReader, session: MemoryObjectSendStream[Arriving]) -> None:
    """Hand on what the server says, until it stops; what is said after the session has ended is read, and dropped."""
    async with session:
        with suppress(ValueError, OSError, anyio.BrokenResourceError):
            while line := await output.readline():
                await session.send(_message(line))
    with suppress(OSError), anyio.move_on_after(GRACE + _LATE, shield=True):
        while await output.read(65_536):
            pass


def _message(line: bytes) -> Arriving:
    try:
        return SessionMessage(jsonrpc_message_adapter.validate_json(line))
    except ValueError as error:
        return error


async def _write(into: StreamWriter, session: MemoryObjectReceiveStream[SessionMessage]) -> None:
    async with session:
        with suppress(OSError):
            async for said in session:
                into.write(said.message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n")
                await into.drain()


async def _end(process: Process, mark: str) -> None:
    """Let the server go by itself, then end what is left of it."""
    assert process.stdin is not None
    process.stdin.close()
    with anyio.move_on_after(GRACE):
        await process.wait()
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, SIGKILL)
    end_leftovers(f"{MARK}={mark}")
    with anyio.move_on_after(_LATE):
        await process.wait()
