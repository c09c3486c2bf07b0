"""The pages and what they are made of are sent by one rule: packed for who can read that, not again to who has it."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator

import httpx2
import pytest

from surfaces.house import House, house

PAGES = {"/": True, "/swagger": True, "/graphql": False}
"""The pages, and whether they are for everybody."""


@pytest.fixture(scope="module")
def served() -> Iterator[House]:
    with house() as found:
        yield found


@pytest.mark.parametrize("page", PAGES)
def test_a_page_and_its_files(served: House, page: str) -> None:
    headers = {"accept": "text/html", "accept-encoding": "identity", "authorization": f"Bearer {served.admin}"}
    with httpx2.Client(base_url=served.url, headers=headers, trust_env=False) as http:
        shell = http.get(page)
        assert "script-src 'self'" in shell.headers["content-security-policy"] or page == "/"
        assert "default-src" in shell.headers["content-security-policy"]
        assert shell.headers["cache-control"] == "no-cache"
        assert http.get(page, headers={"if-none-match": shell.headers["etag"]}).status_code == 304
        files = re.findall(r'(?:src|href)="(/[^"]+\.(?:js|css|svg)[^"]*)"', shell.text)
        assert len(files) > 1
        for file in files:
            plain = http.get(file)
            assert plain.status_code == 200, file
            packed = http.get(file, headers={"accept-encoding": "gzip"})
            assert packed.headers["content-encoding"] == "gzip"
            assert packed.content == plain.content
            assert int(packed.headers["content-length"]) <= len(gzip.compress(plain.content)) + 32
            for known in (
                plain.headers["etag"],
                f"W/{plain.headers['etag']}",
                f'"other", {plain.headers["etag"]}',
                "*",
            ):
                assert http.get(file, headers={"if-none-match": known}).status_code == 304
            assert http.get(file, headers={"if-none-match": '"other"'}).status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_a_shell_holds_nothing_and_is_for_everybody_or_needs_a_token(served: House, page: str) -> None:
    answer = httpx2.get(served.url + page, headers={"accept": "text/html"}, trust_env=False)
    assert answer.status_code == (200 if PAGES[page] else 401)
    assert served.admin not in answer.text
