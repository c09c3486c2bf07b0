"""From a link or a token to a cookie, what a cookie is good for, and its end."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from server.site import Reply, Site, site
from vigyc.surfaces.wire.caller import Role

OURS = {"Sec_Fetch_Site": "same-origin"}


@pytest.fixture
def here() -> Iterator[Site]:
    with site() as found:
        yield found


def cookie_of(found: Reply) -> str:
    return found.headers["set-cookie"].partition(";")[0]


def path_of(link: str | None) -> str:
    assert link is not None
    return "/" + link.split("/", 3)[3]


def logged_in(here: Site) -> str:
    return cookie_of(here.ask(path=path_of(here.server.login_link()), Authorization=None))


def who(here: Site, cookie: str, **headers: str | None) -> Reply:
    return here.ask(path="/session", Authorization=None, Cookie=cookie, **headers)


def test_the_printed_link_opens_one_session(here: Site) -> None:
    link = here.server.login_link()
    assert link is not None
    assert link.startswith(f"http://127.0.0.1:{here.port}/login?code=")
    found = here.ask(path=path_of(link), Authorization=None)
    assert (found.status, found.headers["location"]) == (303, "/")
    attributes = found.headers["set-cookie"].split("; ")[1:]
    assert set(attributes) == {"HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"}
    assert cookie_of(found).startswith(f"vigyc_session_{here.port}=")
    assert json.loads(who(here, cookie_of(found)).body) == {"name": "local", "role": "admin"}
    again = here.ask(path=path_of(link), Authorization=None)
    assert again.status == 401
    assert "set-cookie" not in again.headers


def test_the_link_again_is_no_trouble_for_who_is_in(here: Site) -> None:
    link = path_of(here.server.login_link())
    cookie = cookie_of(here.ask(path=link, Authorization=None))
    assert here.ask(path=link, Authorization=None, Cookie=cookie).status == 303


def test_a_link_that_was_used_leads_people_to_the_page(here: Site) -> None:
    link = path_of(here.server.login_link())
    here.ask(path=link, Authorization=None)
    found = here.ask(path=link, Authorization=None, Accept="text/html,application/xhtml+xml,*/*;q=0.8")
    assert (found.status, found.headers["location"]) == (303, "/?login=expired")
    assert "set-cookie" not in found.headers
    assert here.ask(path=link, Authorization=None, Accept="*/*").status == 401


def test_looking_ahead_does_not_use_the_link_up(here: Site) -> None:
    link = path_of(here.server.login_link())
    here.ask("HEAD", link, Authorization=None)
    assert "set-cookie" in here.ask(path=link, Authorization=None).headers


def test_without_a_code_to_the_page(here: Site) -> None:
    found = here.ask(path="/login", Authorization=None)
    assert (found.status, found.headers["location"]) == (303, "/")


def test_nobody_is_sent_elsewhere(here: Site) -> None:
    link = path_of(here.server.login_link())
    found = here.ask(path=f"{link}&next=//evil.example", Authorization=None)
    assert found.headers["location"] == "/"


def test_a_token_opens_a_session_of_its_role(here: Site) -> None:
    token = here.bearer(Role.READ).removeprefix("Bearer ")
    body = json.dumps({"token": token}).encode()
    found = here.ask("POST", "/login", body=body, Authorization=None, **OURS)
    assert (found.status, json.loads(found.body)) == (200, {"name": "some-read", "role": "read"})
    assert who(here, cookie_of(found)).status == 200
    here.server.tokens.remove("some-read")
    assert who(here, cookie_of(found)).status == 401


def test_so_does_a_form(here: Site) -> None:
    form = {"Content_Type": "application/x-www-form-urlencoded", "Authorization": None, "Origin": "null", **OURS}
    found = here.ask("POST", "/login", body=f"token={here.token}".encode(), **form)
    assert (found.status, found.headers["location"]) == (303, "/")
    assert who(here, cookie_of(found)).status == 200


@pytest.mark.parametrize("body", [b"x", b"[]", b"{}", b'{"token": 3}', b'{"token": "vgy_no"}', b"[" * 4_000, b"\xff"])
def test_what_is_no_token_opens_none(here: Site, body: bytes) -> None:
    found = here.ask("POST", "/login", body=body, Authorization=None)
    assert found.status in {400, 401}
    assert "set-cookie" not in found.headers


def test_with_a_cookie_only_our_own_pages_change_anything(here: Site) -> None:
    cookie = {"Cookie": logged_in(here), "Authorization": None}
    assert here.ask("POST", body=b"{}", **cookie, **OURS).status == 200
    assert here.ask("POST", body=b"{}", **cookie, Origin=f"http://{here.host}").status == 200
    assert here.ask("POST", body=b"{}", **cookie).status == 403
    assert here.ask("POST", body=b"{}", **cookie, Sec_Fetch_Site="none").status == 403
    assert here.ask("POST", body=b"{}", **cookie, Origin=f"http://127.0.0.1:{here.port + 1}").status == 403
    assert here.ask("POST", body=b"{}", **cookie, Sec_Fetch_Site="same-site").status == 403
    assert here.ask(**cookie).status == 200


def test_the_cookie_of_another_port_is_none_here(here: Site) -> None:
    value = logged_in(here).partition("=")[2]
    assert who(here, f"vigyc_session_{here.port + 1}={value}").status == 401
    assert who(here, f"vigyc_session_{here.port}={value[:-1]}").status == 401
    assert who(here, f"vigyc_session_{here.port}=").status == 401


def test_logging_out_ends_it(here: Site) -> None:
    cookie = logged_in(here)
    found = here.ask("POST", "/logout", Authorization=None, Cookie=cookie, **OURS)
    assert found.status == 204
    assert "Max-Age=0" in found.headers["set-cookie"]
    assert who(here, cookie).status == 401
    assert here.ask("POST", "/logout", Authorization=None).status == 401
