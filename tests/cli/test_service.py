"""`vigyc service`: files that a machine can run a server by, hardened, with commands that exist."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from cli.shell import vigyc
from vigyc.surfaces.cli.main import main

KINDS = ["systemd", "dockerfile", "compose", "kubernetes"]


def written(*args: str) -> str:
    done = vigyc("service", *args)
    assert done.exit_code == 0, done.output
    return done.stdout


def section(text: str, name: str = "Service") -> dict[str, list[str]]:
    """A section of a unit; a key may stand in it more than once."""
    parser = ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    parser.read_string(text)
    found: dict[str, list[str]] = {key: [] for key in parser[name]}
    for line in text.partition(f"[{name}]\n")[2].partition("\n[")[0].splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found[key.lower()].append(value)
    return found


def check_command(words: list[str]) -> None:
    """`words`, after `vigyc`, are a command with options that it has."""
    with click.Context(main, info_name="vigyc") as context:
        name, found, rest = main.resolve_command(context, words)  # type: ignore[attr-defined]
        assert name == "serve"
        assert found is not None
        found.make_context("serve", rest, parent=context)


def test_the_unit_of_a_machine() -> None:
    service = section(written("systemd"))
    assert service["type"] == ["notify"]
    assert service["watchdogsec"] == ["30s"]
    assert service["restart"] == ["on-failure"]
    assert service["killsignal"] == ["SIGTERM"]
    assert service["protectsystem"] == ["strict"]
    assert service["capabilityboundingset"] == [""]
    assert service["systemcallfilter"] == ["@system-service"]
    for key in ("nonewprivileges", "privatetmp", "dynamicuser", "memorydenywriteexecute", "restrictsuidsgid"):
        assert service[key] == ["yes"], key
    assert service["statedirectory"] == ["vigyc"]
    assert "multi-user.target" in written("systemd")


def test_the_unit_of_a_user_asks_for_nothing_a_user_cannot_have() -> None:
    text = written("systemd", "--user", "--name", "my-vigyc")
    service = section(text)
    assert "capabilityboundingset" not in service
    assert "dynamicuser" not in service
    assert service["nonewprivileges"] == ["yes"]
    assert service["statedirectory"] == ["my-vigyc"]
    assert "default.target" in text


@pytest.mark.parametrize("user", [False, True])
def test_systemd_finds_nothing_wrong(user: bool, tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("there is no systemd here")
    file = tmp_path / "vigyc.service"
    written("systemd", *(["--user"] if user else []), "--write", str(file))
    done = subprocess.run(
        [analyze, *(["--user"] if user else []), "verify", "--man=no", "--recursive-errors=no", file],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert not [line for line in done.stderr.splitlines() if "vigyc.service" in line], done.stderr


def test_what_is_started_is_a_command_of_ours() -> None:
    (line,) = section(written("systemd"))["execstart"]
    words = shlex.split(line)
    assert Path(words[0]).is_file()
    check_command(words[words.index("serve") :])
    docker = written("dockerfile")
    check_command(json.loads(docker.rpartition("CMD ")[2]))
    composed = yaml.safe_load(written("compose"))
    check_command(composed["services"]["vigyc"]["command"])
    _, stateful = yaml.safe_load_all(written("kubernetes"))
    check_command(stateful["spec"]["template"]["spec"]["containers"][0]["args"])


def test_the_image_is_nobody_s_and_writes_only_its_data() -> None:
    text = written("dockerfile")
    lines = [line for line in text.splitlines() if not line.startswith(("#", " "))]
    assert lines[0].startswith("FROM python:3.")
    assert "-slim" in lines[0]
    assert "USER 10001:10001" in lines
    assert "VOLUME /data" in lines
    assert any(line.startswith("HEALTHCHECK") for line in lines)
    assert "/livez" in text
    assert "==" in text.partition("vigyc[all]")[2][:3]


def test_the_composed_service_is_read_only() -> None:
    service = yaml.safe_load(written("compose"))["services"]["vigyc"]
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])


def test_the_pod_is_probed_and_has_no_rights() -> None:
    service, stateful = yaml.safe_load_all(written("kubernetes", "--name", "jobs"))
    assert service["metadata"]["name"] == stateful["metadata"]["name"] == "jobs"
    assert stateful["spec"]["replicas"] == 1
    pod: dict[str, Any] = stateful["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["livenessProbe"]["httpGet"]["path"] == "/livez"
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_written_where_it_is_said_and_replaces_nothing(kind: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    assert written(kind, "--write", str(file)) == f"{file} written\n"
    assert file.read_text() == written(kind)
    refused = vigyc("service", kind, "--write", file)
    assert refused.exit_code == 4
    assert "--force" in str(refused.exception) + refused.output
    file.write_text("mine")
    written(kind, "--write", str(file), "--force")
    assert file.read_text() == written(kind)


@pytest.mark.parametrize("kind", KINDS)
def test_as_json(kind: str, tmp_path: Path) -> None:
    assert json.loads(written(kind, "-o", "json")) == {"kind": kind, "text": written(kind)}
    file = tmp_path / "file"
    assert json.loads(written(kind, "-o", "json", "--write", str(file))) == {"kind": kind, "path": str(file)}


@pytest.mark.parametrize("name", ["", "A", "a b", "a\nUser=root", "-a", "a" * 64, "a.b"])
def test_a_name_is_a_name(name: str) -> None:
    done = vigyc("service", "systemd", "--name", name)
    assert done.exit_code == 2
    assert "is not a name" in done.output


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    done = vigyc("service", "systemd", "--write", tmp_path / "none" / "file")
    assert done.exit_code != 0
