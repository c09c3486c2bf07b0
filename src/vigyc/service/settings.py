"""From defaults, a file, the environment and arguments to the settings of a runtime, each with where it came from.

What comes later in that list wins. The file is `vigyc.toml` here, else in the user's configuration folder; its keys
are the fields of `Settings`, and so are the variables: `VIGYC_KEEP_RUNS` is `keep_runs`. A key nobody knows is an
error, so that a slip of the pen never passes for a setting.
"""

from __future__ import annotations

import math
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, NamedTuple

from vigyc.lang.errors import Invalid, SettingsError
from vigyc.model.duration import parse_duration_ms

FILE: Final = "vigyc.toml"
PREFIX: Final = "VIGYC_"
OFF: Final = "off"
"""Instead of an address: none."""

_PATHS: Final = ("db", "policy", "tokens", "tls_cert", "tls_key")  # in a file they begin at its folder
_ELSEWHERE: Final = (  # read where the cache is, and where a server is asked
    "VIGYC_CACHE_DIR", "VIGYC_CACHE_KEY_FILE", "VIGYC_SERVER", "VIGYC_TOKEN",
)  # fmt: skip


class Settings(NamedTuple):
    """What can be set. Times are ms, `patience` is in seconds.

    `db` is the path of the store where none is named. `deadline_ms` is the time for one tick of a vigy without a
    deadline of its own, `min_interval_ms` the shortest interval that can be registered. `durability` is `full` or
    `normal`, `patience` how long to wait for another process that is writing. `keep_runs` (of each vigy),
    `keep_events` and `keep_days` say what is kept of the past: no more than so many, none older. `kv_keys` and
    `kv_bytes` limit the kv of a vigy, `kv_value_bytes` one of its values. `lease_ttl_ms` is how long another runtime
    may be silent before this one takes over. `policy` is the path of the policy file; without one no effect is allowed.
    `record` says which runs are recorded, to be replayed: those that call `effects`, or `all`.
    `enhance_workers` is how many issues of the enhance pipeline are worked off at once, 0 for none.

    The rest is for a server: `http` and `grpc` are where it listens (`HOST:PORT` or `off`), `tokens` is the path of the
    file of tokens (default: beside the store), `tls_cert` and `tls_key` those of PEM files, and `allowed_hosts` are
    names it is called besides its address, parted by commas.
    """

    db: str | None = None
    deadline_ms: int = 5_000
    min_interval_ms: int = 1
    durability: str = "full"
    patience: float = 5.0
    keep_runs: int = 200
    keep_events: int = 100_000
    keep_days: int = 7
    kv_keys: int = 10_000
    kv_bytes: int = 64 * 2**20
    kv_value_bytes: int = 2**20
    lease_ttl_ms: int = 4_000
    policy: str | None = None
    record: str = "effects"
    enhance_workers: int = 1
    http: str = "127.0.0.1:38821"
    grpc: str = OFF
    tokens: str | None = None
    tls_cert: str | None = None
    tls_key: str | None = None
    allowed_hosts: str = ""


def load_settings(
    file: str | os.PathLike[str] | None = None, environ: Mapping[str, str] = os.environ, **given: Any
) -> tuple[Settings, dict[str, str]]:
    """The settings, and for each by name where its value came from: `default`, file and line, variable, `argument`.

    `file` is read instead of the nearest `vigyc.toml`. A `given` value of None is not given. Raises SettingsError.
    """
    values: dict[str, Any] = {}
    origins = dict.fromkeys(Settings._fields, "default")
    path = _nearest(environ) if file is None else Path(file)
    for name, value, origin in (*_from_file(path), *_from_environment(environ), *_from_arguments(given)):
        values[name] = _read(name, value, origin)
        origins[name] = origin
    return Settings(**values), origins


def checked_settings(settings: Settings) -> Settings:
    """`settings` as `load_settings` would read their values, if they can be. Raises SettingsError."""
    if not isinstance(settings, Settings):
        raise SettingsError(f"settings must be Settings(...), not {type(settings).__name__}")
    given = {name: value for name, value in settings._asdict().items() if value is not None}
    return Settings(**{name: _read(name, value, "settings") for name, value in given.items()})


_Setting = tuple[str, Any, str]  # name, value as it was found, where


def _nearest(environ: Mapping[str, str]) -> Path | None:
    home = environ.get("XDG_CONFIG_HOME") or os.path.join(environ.get("HOME", ""), ".config")
    places = (Path(FILE), Path(home, "vigyc", FILE))
    return next((place for place in places if place.is_file()), None)


def _from_file(path: Path | None) -> Iterator[_Setting]:
    if path is None:
        return
    try:
        text = path.read_text("utf-8")
        table = tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: {getattr(error, 'strerror', None) or error}") from error
    lines = text.splitlines()
    for name, value in table.items():
        origin = f"{path}:{_line(lines, name)}"
        _check_known(name, Settings._fields, origin)
        yield name, str(path.parent / value) if name in _PATHS and isinstance(value, str) else value, origin


def _line(lines: list[str], key: str) -> int:
    """The line that sets `key` (or begins its table), from 1."""
    starts = (line.lstrip(" \t[\"'") for line in lines)
    return next((number for number, start in enumerate(starts, 1) if start.startswith(key)), 1)


def _from_environment(environ: Mapping[str, str]) -> Iterator[_Setting]:
    names = {PREFIX + name.upper(): name for name in Settings._fields}
    for variable in sorted(environ):
        if variable.startswith(PREFIX) and variable not in _ELSEWHERE:
            _check_known(variable, (*names, *_ELSEWHERE), "environment")
            yield names[variable], environ[variable], variable


def _from_arguments(given: Mapping[str, Any]) -> Iterator[_Setting]:
    for name, value in given.items():
        _check_known(name, Settings._fields, "argument")
        if value is not None:
            yield name, value, "argument"


def _check_known(name: str, known: tuple[str, ...], origin: str) -> None:
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
        raise SettingsError(f"{origin}: there is no setting {name!r}; {hint}")


def _read(name: str, value: Any, origin: str) -> Any:
    try:
        return _READERS[name](value)
    except (Invalid, ValueError, TypeError) as error:
        raise SettingsError(f"{origin}: {name} cannot be {value!r}: {error}") from error


def _path(value: Any) -> str:
    if not isinstance(value, str | os.PathLike) or not os.fspath(value):
        raise ValueError("it must be a path")
    return os.fspath(value)


def _duration(value: Any) -> int:
    ms = parse_duration_ms(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else 0
    if ms < 1:
        raise ValueError("it must be a duration such as 500ms or 10s, or a number of ms")
    return ms


def _count(value: Any) -> int:
    count = int(value) if str(value).isdecimal() else 0
    if count < 1:
        raise ValueError("it must be a whole number from 1 up")
    return count


def _workers(value: Any) -> int:
    workers = int(value) if str(value).isdecimal() else -1
    if not 0 <= workers <= 64:
        raise ValueError("it must be a whole number from 0 to 64")
    return workers


def _seconds(value: Any) -> float:
    seconds = -1.0 if isinstance(value, bool) else float(value)
    if not 0 <= seconds < math.inf:
        raise ValueError("it must be a number of seconds")
    return seconds


def _durability(value: Any) -> str:
    if value not in {"full", "normal"}:
        raise ValueError("it must be full or normal")
    return str(value)


def _record(value: Any) -> str:
    if value not in {"effects", "all"}:
        raise ValueError("it must be effects or all")
    return str(value)


def _address(value: Any) -> str:
    host, colon, port = str(value).rpartition(":")
    if value != OFF and not (colon and port.isdecimal() and not set(host) & set("/@ \t")):
        raise ValueError("it must be an address such as 127.0.0.1:38821, or off")
    return str(value)


def _names(value: Any) -> str:
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError("it must be names, parted by commas")
    return ",".join(name.strip() for name in names if name.strip())


_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "db": _path,
    "deadline_ms": _duration,
    "min_interval_ms": _duration,
    "durability": _durability,
    "patience": _seconds,
    "keep_runs": _count,
    "keep_events": _count,
    "keep_days": _count,
    "kv_keys": _count,
    "kv_bytes": _count,
    "kv_value_bytes": _count,
    "lease_ttl_ms": _duration,
    "policy": _path,
    "record": _record,
    "enhance_workers": _workers,
    "http": _address,
    "grpc": _address,
    "tokens": _path,
    "tls_cert": _path,
    "tls_key": _path,
    "allowed_hosts": _names,
}
