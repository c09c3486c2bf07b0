"""The token file: who may read it, what may be in it, and that changes count at once."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from vigyc.lang.errors import Conflict, Invalid, NotFound, SettingsError
from vigyc.surfaces.server.tokens import Tokens, tokens_path
from vigyc.surfaces.wire.caller import Caller, Role, Unauthenticated


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vigy.db.tokens"


def bearer(tokens: Tokens, name: str = "admin") -> str:
    return f"Bearer {tokens.named(name).token}"


def test_the_file_is_made_once_for_its_owner_only(path: Path) -> None:
    before = os.umask(0)
    try:
        Tokens(path).ensure()
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (token,) = Tokens(path).all()
    assert (token.name, token.role) == ("admin", Role.ADMIN)
    assert token.token.startswith("vgy_")
    assert len(token.token) >= 4 + 43  # 32 bytes
    Tokens(path).ensure()
    assert Tokens(path).all() == (token,)


def test_where_it_is(tmp_path: Path) -> None:
    assert tokens_path(tmp_path / "a.db") == tmp_path / "a.db.tokens"
    assert tokens_path(":memory:") is None


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o620, 0o601])
def test_a_file_others_can_get_at_is_refused(path: Path, mode: int) -> None:
    tokens = Tokens(path)
    tokens.ensure()
    good = bearer(tokens)
    path.chmod(mode)
    with pytest.raises(SettingsError, match=f"chmod 600 {path}"):
        Tokens(path).ensure()
    with pytest.raises(Unauthenticated):
        tokens.authenticate(good)
    path.chmod(0o600)
    assert tokens.authenticate(good).name == "admin"


def test_a_link_to_something_else_is_not_written_through(path: Path, tmp_path: Path) -> None:
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SettingsError):
        Tokens(path).ensure()
    assert not (tmp_path / "elsewhere").exists()


def test_what_a_folder_is_is_told(path: Path) -> None:
    path.mkdir()
    with pytest.raises(SettingsError, match="cannot read"):
        Tokens(path).ensure()


def test_who_shows_a_token(path: Path) -> None:
    tokens = Tokens(path)
    tokens.ensure()
    made = tokens.add("robot", Role.OPERATE)
    assert tokens.authenticate(f"Bearer {made.token}") == Caller("robot", Role.OPERATE)
    assert tokens.authenticate(f"bearer  {made.token} ") == Caller("robot", Role.OPERATE)


@pytest.mark.parametrize(
    "shown", [None, "", "Bearer ", "Bearer vgy_x", "Basic YTpi", "vgy_x", "Bearer \xe9", "Bearer " + 9999 * "a"]
)  # fmt: skip
def test_who_shows_none_is_nobody(path: Path, shown: str | None) -> None:
    tokens = Tokens(path)
    tokens.ensure()
    with pytest.raises(Unauthenticated):
        tokens.authenticate(shown)


def test_part_of_a_token_is_none(path: Path) -> None:
    tokens = Tokens(path)
    tokens.ensure()
    for cut in (bearer(tokens)[:-1], bearer(tokens) + "a"):
        with pytest.raises(Unauthenticated):
            tokens.authenticate(cut)


def test_changes_by_another_process_count_at_once(path: Path) -> None:
    server, shell = Tokens(path), Tokens(path)
    server.ensure()
    made = shell.add("robot", Role.READ)
    assert server.authenticate(f"Bearer {made.token}").name == "robot"
    shell.remove("robot")
    with pytest.raises(Unauthenticated):
        server.authenticate(f"Bearer {made.token}")
    good = bearer(server)
    path.write_text("broken", encoding="ascii")
    with pytest.raises(Unauthenticated):
        server.authenticate(good)
    path.unlink()
    with pytest.raises(Unauthenticated):
        server.authenticate(good)


def test_names(path: Path) -> None:
    tokens = Tokens(path)
    assert tokens.add("first", Role.READ).role is Role.READ
    with pytest.raises(Conflict, match="first"):
        tokens.add("first", Role.ADMIN)
    with pytest.raises(Conflict, match="local"):
        tokens.add("local", Role.READ)
    for wrong in ("", "a b", 'a"\n', "-a", "a" * 65):
        with pytest.raises(Invalid):
            tokens.add(wrong, Role.READ)
    with pytest.raises(NotFound, match="second"):
        tokens.remove("second")
    assert [each.name for each in Tokens(path).all()] == ["first"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


TOKEN = 'token = "vgy_0123456789abcdef"'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = 1", "nothing else"),
        ("token = 3", "nothing else"),
        ("[[token]]\nname = 'a'", "token 1 must have name, role and token"),
        (f"[[token]]\nname = 'a'\nrole = 'boss'\n{TOKEN}", "the role must be read, operate, admin, not 'boss'"),
        (f"[[token]]\nname = 'a b'\nrole = 'read'\n{TOKEN}", "the name must be"),
        ("[[token]]\nname = 'a'\nrole = 'read'\ntoken = 'short'", "16 to 512"),
        (f"[[token]]\nname = 'a'\nrole = 'read'\n{TOKEN}\n[[token]]\nname = 'b'\nrole = 'read'\n{TOKEN}", "twice"),
        ("[[token", "end of document"),
    ],
)
def test_a_mistake_in_the_file_is_told_without_its_secrets(path: Path, text: str, told: str) -> None:
    path.write_text(text, encoding="ascii")
    path.chmod(0o600)
    with pytest.raises(SettingsError, match=told) as caught:
        Tokens(path).ensure()
    assert str(path) in str(caught.value)
    assert "vgy_" not in str(caught.value)


def test_in_memory() -> None:
    tokens = Tokens()
    tokens.ensure()
    tokens.ensure()
    assert len(tokens.all()) == 1
    made = tokens.add("robot", Role.READ)
    assert tokens.authenticate(f"Bearer {made.token}") == made.caller
    assert tokens.whose(made.token) == made.caller
    tokens.remove("robot")
    assert tokens.whose(made.token) is None
