"""From the token file to who asks: names, roles, and the secrets clients show.

The file is for its owner only (0600), in TOML, one `[[token]]` for each. What changes in it counts at once; while it
cannot be read, no token is good.
"""

from __future__ import annotations

import hmac
import importlib
import logging
import os
import re
import secrets
import stat
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

from vigyc.lang.errors import Conflict, Invalid, NotFound, SettingsError
from vigyc.surfaces.wire.caller import LOCAL, Caller, Role, Unauthenticated

PREFIX: Final = "vgy_"
FIRST: Final = "admin"
LONGEST: Final = 512  # of a token that is looked at
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_FIELDS: Final = {"name", "role", "token"}
_OPEN_TO_OTHERS: Final = 0o077
_LARGEST: Final = 2**20  # bytes of the file
_READING: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)  # a pipe is not waited for
_fcntl: Any = importlib.import_module("fcntl") if os.name == "posix" else None
_log = logging.getLogger("vigyc")

NEEDED: Final = "a token is needed, as `Authorization: Bearer vgy_...`"
UNKNOWN: Final = "the token is not one that is known here"


class Token(NamedTuple):
    """What a client shows, and what it may do with it."""

    name: str
    role: Role
    token: str

    @property
    def caller(self) -> Caller:
        """Who shows it."""
        return Caller(self.name, self.role)


def tokens_path(db: str | os.PathLike[str]) -> Path | None:
    """Where the tokens of the store at `db` are, unless it is said; None for a store in memory."""
    return None if os.fspath(db) == ":memory:" else Path(f"{os.fspath(db)}.tokens")


class Tokens:
    """The tokens of the file at `path`, or without one, of this object."""

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self.path = None if path is None else Path(path)
        self._tokens: tuple[Token, ...] = ()
        self._seen: object = None

    def ensure(self) -> None:
        """See to it that there is a file, with a token for an administrator in a new one. Raises SettingsError."""
        if not self._present() and not (self.path is not None and self.path.exists()):
            self._write((_new(FIRST, Role.ADMIN),), new=True)
        self.all()

    def all(self) -> tuple[Token, ...]:
        """All of them. Raises SettingsError if the file cannot be read, or by others too."""
        if self.path is None:
            return self._tokens
        return _read(self.path)

    def add(self, name: str, role: Role) -> Token:
        """A new token. Raises Invalid for a name that is none, Conflict for one that is taken, SettingsError."""
        if not _NAME.fullmatch(name):
            raise Invalid(f"{name!r} is not a name for a token: letters, digits, dots and dashes, 64 at most")
        made = _new(name, role)
        with self._alone():
            there = self._present()
            if name == LOCAL.name or any(each.name == name for each in there):
                raise Conflict(f"there is a token for {name!r} already")
            self._write((*there, made), new=not self._is_there())
        return made

    def remove(self, name: str) -> None:
        """Remove a token, which is good for nothing from now on. Raises NotFound, SettingsError."""
        with self._alone():
            self.named(name)
            self._write(tuple(each for each in self._present() if each.name != name), new=False)

    def named(self, name: str) -> Token:
        """The token called `name`. Raises NotFound, SettingsError."""
        found = next((each for each in self._present() if each.name == name), None)
        if found is None:
            raise NotFound(f"there is no token for {name!r}")
        return found

    def authenticate(self, authorization: str | None) -> Caller:
        """Who shows the value of an `Authorization` header. Raises Unauthenticated."""
        scheme, _, shown = (authorization or "").strip().partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated(NEEDED)
        return self.caller_of(shown.strip())

    def caller_of(self, shown: str) -> Caller:
        """Who shows the token itself; the time it takes tells nothing of the others. Raises Unauthenticated."""
        found = self.whose(shown)
        if found is None:
            raise Unauthenticated(UNKNOWN)
        return found

    def whose(self, shown: str) -> Caller | None:
        """The same; None if it is nobody's, or nobody's any more."""
        given = shown[: LONGEST + 1].encode("utf-8", "surrogateescape")
        found = None
        for each in self._current():
            if hmac.compare_digest(each.token.encode(), given):
                found = each
        return None if found is None else found.caller

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """While no other process changes the file: what one removes must not come back by what another adds."""
        if self.path is None or _fcntl is None:
            yield
            return
        try:
            folder = os.open(self.path.parent, os.O_RDONLY)
        except OSError as error:
            raise SettingsError(f"{self.path}: cannot write the tokens: {error.strerror}") from error
        try:
            _fcntl.flock(folder, _fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def _is_there(self) -> bool:
        return self.path is None or self.path.exists()

    def _present(self) -> tuple[Token, ...]:
        return self.all() if self._is_there() else ()

    def _current(self) -> tuple[Token, ...]:
        """All of them, read anew if the file is another than before; none if it cannot be read."""
        if self.path is None:
            return self._tokens
        try:
            known = self.path.stat()
            seen: object = (known.st_ino, known.st_size, known.st_mtime_ns, known.st_ctime_ns)
        except OSError:
            seen = None
        if seen is None or seen != self._seen:
            self._tokens = self._read_or_none()
            self._seen = seen
        return self._tokens

    def _read_or_none(self) -> tuple[Token, ...]:
        try:
            return self.all()
        except SettingsError as error:
            _log.error("no token is good: %s", error)
            return ()

    def _write(self, tokens: tuple[Token, ...], *, new: bool) -> None:
        """Write the file anew, wholly or not at all."""
        self._tokens = tokens
        if self.path is None:
            return
        draft = self.path.with_name(f".{self.path.name}.{secrets.token_hex(8)}")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
        try:
            with os.fdopen(os.open(draft, flags, 0o600), "w", encoding="ascii") as file:
                file.write(_HEAD + "".join(map(_entry, tokens)))
                file.flush()
                os.fsync(file.fileno())
            if new:
                os.link(draft, self.path)  # never over what another process has just made
                draft.unlink()
            else:
                os.replace(draft, self.path)
        except OSError as error:
            with suppress(OSError):
                draft.unlink()
            if isinstance(error, FileExistsError):
                raise SettingsError(f"{self.path}: another process has just made it; try again") from None
            raise SettingsError(f"{self.path}: cannot write the tokens: {error.strerror}") from error
        self._seen = None


_HEAD: Final = "# Who shows one of these may do what its role says. Keep this file to yourself.\n"


def _new(name: str, role: Role) -> Token:
    return Token(name, role, PREFIX + secrets.token_urlsafe(32))


def _entry(token: Token) -> str:
    return f'\n[[token]]\nname = "{token.name}"\nrole = "{token.role.word}"\ntoken = "{token.token}"\n'


def _read(path: Path) -> tuple[Token, ...]:
    try:
        with open(path, "rb", opener=lambda name, _: os.open(name, _READING)) as file:
            _check_private(path, os.fstat(file.fileno()))
            table = tomllib.loads(file.read(_LARGEST + 1).decode())
    except OSError as error:
        raise SettingsError(f"{path}: cannot read the tokens: {error.strerror}") from error
    except ValueError as error:
        raise SettingsError(f"{path}: {error}") from error
    entries = table.pop("token", [])
    if table or not isinstance(entries, list):
        raise SettingsError(f"{path}: it must hold [[token]] tables and nothing else")
    tokens = tuple(_token(path, number, each) for number, each in enumerate(entries, 1))
    for number, each in enumerate(tokens, 1):
        if any(each.name == other.name or each.token == other.token for other in tokens[number:]):
            raise SettingsError(f"{path}: token {number} ({each.name}) is there twice")
    return tokens


def _check_private(path: Path, known: os.stat_result) -> None:
    if not stat.S_ISREG(known.st_mode):
        raise SettingsError(f"{path}: it is no file")
    if known.st_size > _LARGEST:
        raise SettingsError(f"{path}: it is longer than {_LARGEST} bytes")
    if os.name == "posix" and known.st_uid not in {os.geteuid(), 0}:
        raise SettingsError(f"{path}: it belongs to somebody else, who knows these secrets")
    if os.name == "posix" and known.st_mode & _OPEN_TO_OTHERS:
        raise SettingsError(f"{path}: others can read these secrets; run `chmod 600 {path}`")


def _token(path: Path, number: int, entry: object) -> Token:
    where = f"{path}: token {number}"
    if not isinstance(entry, dict) or entry.keys() != _FIELDS or not all(isinstance(e, str) for e in entry.values()):
        raise SettingsError(f"{where} must have name, role and token, each a text")
    roles = {role.word: role for role in Role}
    if not _NAME.fullmatch(entry["name"]):
        raise SettingsError(f"{where}: the name must be letters, digits, dots and dashes, 64 at most")
    if entry["role"] not in roles:
        raise SettingsError(f"{where}: the role must be {', '.join(roles)}, not {entry['role']!r}")
    if not re.fullmatch(r"[!-~]{16,512}", entry["token"]) or '"' in entry["token"] or "\\" in entry["token"]:
        raise SettingsError(f"{where}: the token itself must be 16 to 512 visible ASCII characters")
    return Token(entry["name"], roles[entry["role"]], entry["token"])
