"""From what a policy file says of secrets, models and MCP servers to what a policy names.

A secret itself never stands in a policy, only where it is; what uses one names it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Final

from vigyc.effects.policy import McpServer, Model
from vigyc.effects.processes.environment import environment
from vigyc.effects.result import EffectFailed
from vigyc.effects.toml_text import At, TomlText, meant, text_of
from vigyc.lang.errors import Invalid

_SOURCES: Final = ("env", "file", "keyring")
_SECRET: Final = "secret:"


def secret_source(text: TomlText, value: object, at: At) -> str:
    """Where a secret comes from; a relative file is beside the policy. Raises SettingsError."""
    source, colon, rest = text.read(text_of, value, at).partition(":")
    if source not in _SOURCES or not rest:
        raise text.fault(
            at,
            f"secret {at[-1]} must be given as env:VARIABLE, file:PATH or keyring:SERVICE/USER:"
            " where it is, for the secret itself does not belong here",
        )
    return source + colon + (os.path.join(text.folder, rest) if source == "file" else rest)


def beside(text: TomlText, value: object, at: At) -> str:
    """A path, a relative one beginning at the folder of the policy. Raises SettingsError."""
    return os.path.normpath(os.path.join(text.folder, text.read(text_of, value, at)))


def address(text: TomlText, value: object, at: At) -> str:
    """The address a host is to have. Raises SettingsError."""
    return text.read(lambda value: str(ip_address(text_of(value))), value, at)


def model(text: TomlText, value: object, at: At, secrets: Mapping[str, str]) -> Model:
    """A language model; its key is one of `secrets`. Raises SettingsError."""
    table = text.table(value, at, Model._fields)
    for field in ("url", "model"):
        if field not in table:
            raise text.fault(at, f"model {at[-1]} must have a `{field}`")
    found = Model(
        **{field: text.read(_url if field == "url" else text_of, table[field], (*at, field)) for field in table}
    )
    if found.key:
        _check_secret(text, found.key, (*at, "key"), secrets)
    return found


def server(text: TomlText, value: object, at: At, secrets: Mapping[str, str]) -> McpServer:
    """An MCP server; a header or a variable may be one of `secrets`. Raises SettingsError."""
    table = text.table(value, at, McpServer._fields)
    if ("command" in table) == ("url" in table):
        raise text.fault(at, f"MCP server {at[-1]} must have a `command` or a `url`, one of them")
    if "command" in table and "headers" in table:
        raise text.fault((*at, "headers"), f"MCP server {at[-1]}: headers go with a `url`")
    if "url" in table and "env" in table:
        raise text.fault((*at, "env"), f"MCP server {at[-1]}: env goes with a `command`")
    if "command" in table:
        command = text.read(_command, table["command"], (*at, "command"))
        variables = _named(text, table, (*at, "env"), secrets)
        for name, said in variables:
            try:
                environment({name: said}, "")
            except EffectFailed as error:
                raise text.fault((*at, "env", name), error.message) from error
        return McpServer(command, env=variables)
    url = text.read(_url, table["url"], (*at, "url"))
    return McpServer(url=url, headers=_named(text, table, (*at, "headers"), secrets))


def _named(
    text: TomlText, table: Mapping[str, object], at: At, secrets: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    """The texts by name in the table at the end of `at`; one may be one of `secrets`."""
    given = text.table(table.get(str(at[-1]), {}), at)
    for name, value in given.items():
        said = text.read(text_of, value, (*at, name))
        if said.startswith(_SECRET):
            _check_secret(text, said.removeprefix(_SECRET), (*at, name), secrets)
    return tuple(given.items())


def _check_secret(text: TomlText, name: str, at: At, secrets: Mapping[str, str]) -> None:
    if name not in secrets:
        raise text.fault(at, f"there is no secret {name!r}{meant(name, secrets)}")


def _command(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise Invalid("it must be a list of the program and its arguments")
    return tuple(text_of(part) for part in value)


def _url(value: object) -> str:
    said = text_of(value)
    if not said.startswith(("http://", "https://")):
        raise Invalid("it must be a http or https URL")
    return said
