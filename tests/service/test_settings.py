"""Settings: which place wins, where each came from, and how a mistake is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from vigyc.lang.errors import SettingsError
from vigyc.service.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def test_without_anything_the_defaults(tmp_path: Path) -> None:
    settings, origins = load_settings(environ={"HOME": str(tmp_path)})
    assert settings == Settings()
    assert origins == dict.fromkeys(Settings._fields, "default")


def test_arguments_win_over_the_environment_over_the_file_over_defaults(here: Path) -> None:
    (here / "vigyc.toml").write_text('# mine\nkeep_runs = 1\nkeep_events = 2\n\nkeep_days = 3\n"deadline_ms" = "10s"\n')
    environ = {"VIGYC_KEEP_EVENTS": "20", "VIGYC_KEEP_DAYS": "30", "PATH": "x"}
    settings, origins = load_settings(environ=environ, keep_days=300, patience=None)
    assert settings == Settings(keep_runs=1, keep_events=20, keep_days=300, deadline_ms=10_000)
    assert {name: origin for name, origin in origins.items() if origin != "default"} == {
        "keep_runs": "vigyc.toml:2",
        "keep_events": "VIGYC_KEEP_EVENTS",
        "keep_days": "argument",
        "deadline_ms": "vigyc.toml:6",
    }


def test_the_users_file_is_read_where_there_is_none_here(here: Path, tmp_path: Path) -> None:
    for base in (tmp_path / "home" / ".config", tmp_path / "xdg"):
        (base / "vigyc").mkdir(parents=True)
        (base / "vigyc" / "vigyc.toml").write_text(f'durability = "normal"\nkeep_runs = {len(base.name)}\n')
    home = {"HOME": str(tmp_path / "home")}
    assert load_settings(environ=home)[0].keep_runs == len(".config")
    assert load_settings(environ={**home, "XDG_CONFIG_HOME": str(tmp_path / "xdg")})[0].keep_runs == len("xdg")
    (here / "vigyc.toml").write_text("")
    assert load_settings(environ=home)[0] == Settings()


def test_a_file_that_is_named_is_read_instead(here: Path, tmp_path: Path) -> None:
    (here / "vigyc.toml").write_text("keep_runs = 1")
    other = tmp_path / "other.toml"
    other.write_text("keep_days = 5")
    settings, origins = load_settings(other, environ={})
    assert settings == Settings(keep_days=5)
    assert origins["keep_days"] == f"{other}:1"
    with pytest.raises(SettingsError, match=r"missing\.toml: No such file"):
        load_settings(tmp_path / "missing.toml", environ={})


def test_a_path_in_a_file_is_meant_from_there(tmp_path: Path) -> None:
    file = tmp_path / "vigyc.toml"
    file.write_text('db = "data/vigyc.db"')
    assert load_settings(file, environ={})[0].db == str(tmp_path / "data" / "vigyc.db")
    assert load_settings(file, environ={"VIGYC_DB": "x.db"})[0].db == "x.db"
    file.write_text('db = "/var/vigyc.db"')
    assert load_settings(file, environ={})[0].db == "/var/vigyc.db"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("keep_runs = 1\nkep_days = 2", r":2: there is no setting 'kep_days'; did you mean 'keep_days'\?"),
        ("[server]\nport = 1", r":1: there is no setting 'server'; there are db, deadline_ms"),
        ("keep_runs = 0", ":1: keep_runs cannot be 0: it must be a whole number from 1 up"),
        ("keep_runs = true", "keep_runs cannot be True"),
        ('keep_runs = "x"', "keep_runs cannot be 'x': it must be a whole number from 1 up"),
        ("keep_runs = 1.5", "keep_runs cannot be 1.5"),
        ('\ndeadline_ms = "soon"', ":2: deadline_ms cannot be 'soon'"),
        ("deadline_ms = 0", "deadline_ms cannot be 0"),
        ("deadline_ms = []", "deadline_ms cannot be"),
        ('durability = "off"', "durability cannot be 'off': it must be full or normal"),
        ("patience = -1", "patience cannot be -1: it must be a number of seconds"),
        ("patience = inf", "patience cannot be inf"),
        ("db = 3", "db cannot be 3: it must be a path"),
        ("keep_runs == 1", r"\(at line 1, column 12\)"),
        ("keep_runs = 1\nkeep_runs = 2", "Cannot overwrite a value"),
    ],
)
def test_a_mistake_in_a_file_is_told_with_its_place(here: Path, text: str, told: str) -> None:
    (here / "vigyc.toml").write_text(text)
    with pytest.raises(SettingsError, match=told) as caught:
        load_settings(environ={})
    assert str(caught.value).startswith("vigyc.toml:")


def test_a_file_that_is_no_text(here: Path) -> None:
    (here / "vigyc.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match=r"vigyc\.toml: "):
        load_settings(environ={})


def test_a_mistake_in_the_environment_names_the_variable() -> None:
    with pytest.raises(SettingsError, match=r"'VIGYC_KEP_DAYS'; did you mean 'VIGYC_KEEP_DAYS'\?"):
        load_settings(environ={"VIGYC_KEP_DAYS": "1"})
    with pytest.raises(SettingsError, match="VIGYC_KEEP_DAYS: keep_days cannot be 'x'"):
        load_settings(environ={"VIGYC_KEEP_DAYS": "x"})


def test_what_the_cache_reads_is_left_to_it() -> None:
    assert load_settings(environ={"VIGYC_CACHE_DIR": "x", "VIGYC_CACHE_KEY_FILE": "y"})[0] == Settings()


def test_a_mistake_in_an_argument() -> None:
    with pytest.raises(SettingsError, match=r"argument: there is no setting 'keep_run'; did you mean 'keep_runs'\?"):
        load_settings(environ={}, keep_run=1)


@pytest.mark.parametrize(("given", "ms"), [("500ms", 500), ("10s", 10_000), ("1h", 3_600_000), ("250", 250), (7, 7)])
def test_times_are_text_or_ms(given: object, ms: int) -> None:
    assert load_settings(environ={}, deadline_ms=given)[0].deadline_ms == ms


@pytest.mark.parametrize("given", ["off", "127.0.0.1:0", "[::1]:38821", "localhost:80", ":80"])
def test_where_a_server_listens(given: str) -> None:
    settings, _ = load_settings(environ={"VIGYC_HTTP": given, "VIGYC_GRPC": given})
    assert (settings.http, settings.grpc) == (given, given)


@pytest.mark.parametrize("given", ["", "on", "80", "localhost", "localhost:http", "http://a:80"])
def test_what_is_no_place_to_listen(given: str) -> None:
    with pytest.raises(SettingsError, match=r"VIGYC_HTTP: http cannot be .*: it must be an address such as"):
        load_settings(environ={"VIGYC_HTTP": given})


def test_names_of_a_server(here: Path) -> None:
    assert (
        load_settings(environ={"VIGYC_ALLOWED_HOSTS": "a.example, b.example"})[0].allowed_hosts == "a.example,b.example"
    )
    (here / "vigyc.toml").write_text('allowed_hosts = ["a.example"]\ntokens = "mine"')
    settings, _ = load_settings(environ={})
    assert (settings.allowed_hosts, settings.tokens) == ("a.example", "mine")
    (here / "vigyc.toml").write_text("allowed_hosts = 3")
    with pytest.raises(SettingsError, match="it must be names"):
        load_settings(environ={})
