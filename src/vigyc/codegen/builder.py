"""From a generated module to an artifact: guarded, then compiled to a code object.

What CPython's compiler cannot take (too deep a tree, more than 20 loops or `try`s in one another) is the program's
fault and a finding; anything else it refuses is ours and an `InternalError`. Whether a text compiles depends on the
text alone: a tree that does not fit on what is left of the caller's stack is compiled again on a fresh one.
"""

from __future__ import annotations

import ast
import threading
from collections.abc import Mapping
from types import CodeType

from vigyc.codegen import guard
from vigyc.lang.artifact import Artifact
from vigyc.lang.diagnostic import Diagnostic
from vigyc.lang.errors import CompileError, InternalError

MAX_DEPTH = 900  # levels of the Python tree: safely inside the 1,000 that CPython converts without a raised limit
_STACK = 16 * 2**20  # bytes of stack for MAX_DEPTH levels, with room to spare
_BLOCKS = "too many statically nested blocks"


def build(
    module: ast.Module,
    *,
    filename: str,
    digest: str,
    allowed_attributes: frozenset[str],
    constants: frozenset[str] = frozenset(),
    functions: Mapping[str, tuple[str, tuple[str, ...], str | None]] | None = None,
    variables: Mapping[str, str] | None = None,
    deep: bool = False,
    modules: Mapping[str, Artifact] | None = None,
    intrinsics: tuple[str, ...] = (),
    requires: Mapping[str, str] | None = None,
) -> Artifact:
    """Check `module`, compile it under the name `filename` and put it together with what is known of it.

    Raises CompileError (`nested-too-deeply`) for a program CPython's compiler cannot take.
    """
    depth = guard.check(module, allowed_attributes, constants)
    if depth > MAX_DEPTH:
        raise _too_deep()
    try:
        code = _code(module, filename)
    except (TypeError, ValueError, SyntaxError) as error:
        if _BLOCKS in str(error):
            raise _too_deep() from None
        raise InternalError(f"builder: Python refuses the generated code of {digest}: {error}") from error
    return Artifact(
        digest,
        code,
        dict(functions or {}),
        dict(variables or {}),
        deep,
        dict(modules or {}),
        tuple(intrinsics),
        requires=dict(requires or {}),
    )


def _code(module: ast.Module, filename: str) -> CodeType:
    try:
        return _compile(module, filename)
    except (RecursionError, MemoryError):
        return _on_fresh_stack(module, filename)


def _compile(module: ast.Module, filename: str) -> CodeType:
    return compile(module, filename, "exec", dont_inherit=True, optimize=0)


def _on_fresh_stack(module: ast.Module, filename: str) -> CodeType:
    """Compile in a thread of its own, whose recursion count starts at zero."""
    outcome: list[CodeType | Exception] = []

    def work() -> None:
        try:
            outcome.append(_compile(module, filename))
        except Exception as error:  # raised again by the caller
            outcome.append(error)

    before = threading.stack_size(_STACK)
    try:
        thread = threading.Thread(target=work, name="vigyc-compile")
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    result = outcome[0]
    if isinstance(result, CodeType):
        return result
    if isinstance(result, (RecursionError, MemoryError)):
        raise _too_deep() from None
    raise result


def _too_deep() -> CompileError:
    return CompileError(
        [
            Diagnostic(
                "nested-too-deeply",
                "this program is nested too deeply to be compiled",
                0,
                0,
                notes=(("help", "give the inner parts names of their own with `define` or `let`"),),
            )
        ]
    )
