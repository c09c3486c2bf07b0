"""The files of the dashboard as HTTP sends them: whole, small, kept by browsers, and nothing besides."""

from __future__ import annotations

import gzip
import http.client
import re
from urllib.parse import urlsplit

import pytest

from vigyc.surfaces.web.assets import read_assets
from web.site import Site

MOST_BYTES = 120 * 1024
POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"


def got(site: Site, path: str, method: str = "GET", **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    """The answer to a request nobody is known by."""
    connection = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=10)
    connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


def test_the_page_is_for_anybody_and_holds_no_data(site: Site) -> None:
    site.register("secret-name", "(vigy-noop)")
    answer, body = got(site, "/")
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers["cache-control"] == "no-cache"
    assert b"secret-name" not in body


def test_every_file_the_page_names_is_there_for_ever(site: Site) -> None:
    _, body = got(site, "/")
    paths = re.findall(r'(?:href|src)="(/static/[^"]+)"', body.decode())
    assert len(paths) > 30
    for path in paths:
        answer, _ = got(site, path)
        assert answer.status == 200, path
        assert "immutable" in answer.headers["cache-control"], path
        again, rest = got(site, path, if_none_match=answer.headers["etag"])
        assert (again.status, rest) == (304, b""), path


def test_a_file_is_packed_for_who_can_unpack(site: Site) -> None:
    plain, text = got(site, "/static/main.js")
    packed, body = got(site, "/static/main.js", accept_encoding="gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(body) == text
    assert "content-encoding" not in plain.headers
    assert plain.headers["vary"] == "Accept-Encoding"
    assert plain.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "/static/", "/static/../routes.py", "/static/..%2froutes.py", "/static/%2e%2e/assets.py", "/static//etc/passwd",
        "/static/vendor/../../assets.py", "/static/index.html", "/static/none.js", "/static/000000000000/../main.js",
    ],
)  # fmt: skip
def test_no_path_leads_out(site: Site, path: str) -> None:
    answer, body = got(site, path)
    assert answer.status == 404
    assert b"import" not in body


def test_all_the_javascript_is_small() -> None:
    files = read_assets().files
    assert sum(len(found.packed) for path, found in files.items() if path.endswith(".js")) <= MOST_BYTES


def test_markup_has_no_scripts_or_styles_in_it() -> None:
    assets = read_assets()
    page = assets.page.body.decode()
    assert re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=", page) is None
    for path, found in assets.files.items():
        if path.endswith(".js") and not path.startswith("vendor/"):
            text = found.body.decode()
            assert (
                re.search(
                    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|https?://", text
                )
                is None
            ), path
            assert text.splitlines()[0].startswith("// From "), path
            assert len(text.splitlines()) <= 300, path
