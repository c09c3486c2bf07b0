"""From the name of a secret to the secret: where the policy says it is, read when it is asked for.

`env:VARIABLE`, `file:PATH` (its text without the line end at its end) or `keyring:SERVICE/USER`. An error text names
the secret and its kind of source, never what was read.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final

from vigyc.effects.extras import need
from vigyc.effects.policy import Policy
from vigyc.effects.result import EffectFailed
from vigyc.runtime.secret import Secret

LONGEST: Final = 65_536  # bytes of a file that holds a secret
KEYRING_SECONDS: Final = 5.0  # after which a keyring that does not answer has failed


def find_secret(policy: Policy, name: str) -> Secret:
    """The secret that `policy` calls `name`. Raises EffectFailed: `not-found`, `no-permission`, `timeout`, ..."""
    where = policy.secrets.get(name)
    if where is None:
        raise EffectFailed("not-found", f"the policy names no secret {name}")
    source, _, rest = where.partition(":")
    read = _SOURCES.get(source)
    if read is None:
        raise EffectFailed("not-found", f"the secret {name}: there is no source {source}; there are {_NAMES}")
    text = read(policy, name, rest)
    if not text:
        raise EffectFailed("not-found", f"the secret {name} is not set in its {source}")
    return Secret(text, name)


def _from_env(policy: Policy, name: str, variable: str) -> str | None:
    return os.environ.get(variable)


def _from_file(policy: Policy, name: str, path: str) -> str:
    whole = os.path.join(policy.base or "", path)
    try:
        fd = os.open(whole, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except FileNotFoundError as error:
        raise EffectFailed("not-found", f"the secret {name}: its file is not there") from error
    except OSError as error:
        raise EffectFailed("no-permission", f"the secret {name}: its file cannot be opened") from error
    try:
        return _text(name, fd)
    finally:
        os.close(fd)


def _text(name: str, fd: int) -> str:
    """The text of an open file that is a secret's."""
    found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode):
        raise EffectFailed("not-file", f"the secret {name}: its file is no regular file")
    if found.st_mode & 0o007:
        raise EffectFailed("no-permission", f"the secret {name}: its file is open to others; chmod o-rwx it")
    data = os.read(fd, LONGEST + 1)
    if len(data) > LONGEST:
        raise EffectFailed("too-large", f"the secret {name}: its file has more than {LONGEST} bytes")
    try:
        return data.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise EffectFailed("not-text", f"the secret {name}: its file is not UTF-8") from None


def _from_keyring(policy: Policy, name: str, entry: str) -> str | None:
    """What the keyring of the user who runs vigyc has; it may ask that user, so it is not waited for forever."""
    service, _, user = entry.partition("/")
    keyring = need("secret-get", "keyring", "keyring", "secrets")
    answers: SimpleQueue[tuple[str | None, bool]] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put((keyring.get_password(service, user), True))
        except Exception:
            answers.put((None, False))

    Thread(target=ask, name="vigyc-keyring", daemon=True).start()
    try:
        text, answered = answers.get(timeout=KEYRING_SECONDS)
    except Empty:
        raise EffectFailed("timeout", f"the secret {name}: the keyring does not answer") from None
    if not answered:
        raise EffectFailed("no-permission", f"the secret {name}: the keyring cannot be read")
    return text


_SOURCES: Final[Mapping[str, Callable[[Policy, str, str], str | None]]] = {
    "env": _from_env,
    "file": _from_file,
    "keyring": _from_keyring,
}
_NAMES: Final = ", ".join(_SOURCES)
