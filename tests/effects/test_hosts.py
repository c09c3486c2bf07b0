"""Which URLs a grant covers, whatever their spelling."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigyc.effects.grant import includes, parse_grant
from vigyc.effects.network.special import is_public, is_public_network
from vigyc.effects.policy import Policy, narrow
from vigyc.effects.scopes.host import PORTS, HostScope, parse_url, resource
from vigyc.lang.errors import Invalid


def allowed(grant: str, url: str) -> bool:
    return Policy.of(grant).judge("net", url).decision.allowed


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("http://OK.com", "http://ok.com/"),
        ("HTTP://ok.com./a", "http://ok.com/a"),
        ("http://localhost.", "http://localhost/"),
        ("https://ok.com:443/a?b#c", "https://ok.com/a?b"),
        ("https://ok.com:0443", "https://ok.com/"),
        ("http://ok.com:443?q", "http://ok.com:443/?q"),
        ("http://bücher.example/ü?ü=ß", "http://xn--bcher-kva.example/%C3%BC?%C3%BC=%C3%9F"),
        ("http://BÜCHER.example", "http://xn--bcher-kva.example/"),
        ("http://127.0.0.1", "http://127.0.0.1/"),
        ("http://１２７.0.0.1", "http://127.0.0.1/"),
        ("http://ok。com", "http://ok.com/"),
        ("http://[::1]:80/", "http://[::1]/"),
        ("http://[0:0:0:0:0:0:0:1]:81/", "http://[::1]:81/"),
        ("http://[::ffff:127.0.0.1]/", "http://127.0.0.1/"),
        ("http://[::FFFF:7F00:1]/", "http://127.0.0.1/"),
        ('http://ok.com/"<>`{}^', "http://ok.com/%22%3C%3E%60%7B%7D%5E"),
        ("http://ok.com/%41?a=%zz&b=[1]|~", "http://ok.com/%41?a=%zz&b=[1]|~"),
        ("http://a_b.ok-1.com/x@y:z", "http://a_b.ok-1.com/x@y:z"),
    ],
)
def test_d06_a_url_has_one_normal_form(url: str, normal: str) -> None:
    assert parse_url(url).url == normal
    assert parse_url(normal).url == normal


@pytest.mark.parametrize(
    "url",
    [
        "", "ok.com", "//ok.com", "/a", "http:", "http:ok.com", "http:/ok.com", "http://", "http:///a", "http://:80/",
        "file:///etc/passwd", "ftp://ok.com/", "gopher://ok.com/", "data:text/plain,a", "ws://ok.com", "javascript:1",
        "http+unix://ok.com", "httpx://ok.com", "view-source:http://ok.com", "blob:http://ok.com/",
        "jar:http://ok.com!/",
    ],
)  # fmt: skip
def test_d11_what_is_no_http_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError):
        parse_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://ok.com:80@evil.test/", "http://ok.com@evil.test/", "http://@evil.test/", "http://u:p@ok.com/",
        "http://ok.com:x#@evil.test", "http://ok.com:80\\@evil.test/", "http://evil.test\\.ok.com/", "http://ok.com\\a",
        "http://ok.com/\\a", "http:\\\\ok.com", "http://ok.com%2f@evil.test/", "http://ok%2ecom/", "http://%6fk.com",
        "http://[::1%25eth0]/", "http://[::1%eth0]/", "http://[::1/", "http://::1/", "http://[ok.com]/", "http://[]/",
        "http://[::1]x/", "http://x[::1]/", "http://[v1.a]/",
        "http://ok.com:/", "http://ok.com:0/", "http://ok.com:65536/", "http://ok.com:-1/", "http://ok.com:+80/",
        "http://ok.com:8 0/", "http://ok.com:８０/", "http://ok.com:80:80/", "http://ok.com:1e1/",
        "http://ok.com:000080/", " http://ok.com/", "http://ok.com/ ", "http://ok.com/\n",
        "http://ok.com/\r\nHost: evil.test", "http://ok\t.com/", "http://ok.com/\0", "http://ok.com/\x7f",
        "http://ok.com/\x85", "http://ok.com/\u2028", "http://ok.com/\u202e", "http://ok.com/\ud800",
        "http://ok.com/\u200b", "http://ok.com/\u00a0", "http://ok.com\u3000/", "http://127.1/", "http://127.0.1/",
        "http://0x7f.1/", "http://0x7f000001/", "http://2130706433/", "http://0/", "http://0177.0.0.1/",
        "http://127.0.0.01/", "http://127.0.0.0x1/", "http://127.0.0.256/", "http://1.2.3.4.5/", "http://0x/",
        "http://a.0x1/", "http://a.1/", "http://１２７.1/", "http://127.0.0.1.:x/", "http://١٢٧.٠.٠.1/",
        "http://faß.de/", "http://a\u200db.de/", "http://a℀b.com/", "http://ok．com／evil/", "http://ok..com/",
        "http://.ok.com/", "http://ok.com../", "http://./", "http://-ok.com/", "http://ok-.com/",
        "http://ok.com,evil.test/", "http://ok.com;evil.test/", "http://a*b.com/", "http://*/", "http://ok.com&x/",
        "http://" + "a" * 64 + ".com/", "http://" + "a." * 127 + "abcd/",
        "http://ok.com/" + "a" * 16384, "http://xn--a\u00fc.com/",
    ],
)  # fmt: skip
def test_t4_what_two_programs_could_read_differently_is_refused(url: str) -> None:
    with pytest.raises(ValueError):
        parse_url(url)


_PIECES = st.sampled_from(
    ["http://", "https://", "HTTP:", "//", "/", "\\", "@", ":", "#", "?", "%", "[", "]", ".", "..", "80", "0x7f", "127",
     "ok.com", "evil", "xn--", "ü", "ß", "。", "／", "：", "＠", "\t", "\n", " ", "\0", "::1", "::ffff:", "*",
     "-", "_", "&", ";"]
)  # fmt: skip


@given(st.lists(_PIECES | st.text(max_size=3), max_size=12).map("".join), st.booleans())
def test_t8_what_is_taken_is_read_by_others_as_we_read_it(text: str, whole: bool) -> None:
    try:
        target = parse_url(text if whole else "http://" + text)
    except ValueError:
        return
    assert parse_url(target.url) == target
    parts = urlsplit(target.url)
    assert (parts.scheme, parts.hostname, parts.fragment) == (target.scheme, target.host, "")
    assert (parts.port or PORTS[parts.scheme]) == target.port
    assert parts.username is None
    assert target.url.isascii()
    assert target.path.startswith("/")
    assert allowed(f"net:{target.place}", text if whole else "http://" + text)


@pytest.mark.parametrize("value", [None, 1, b"http://ok.com/", ["http://ok.com/"]])
def test_what_is_no_text_is_no_url(value: object) -> None:
    with pytest.raises(ValueError):
        resource(value, None)


def test_d01_d02_the_host_is_the_one_that_is_connected_to() -> None:
    for url in ("http://evil.test/x@ok.com/", "http://evil.test?q=@ok.com", "http://evil.test#@ok.com/"):
        assert parse_url(url).host == "evil.test"
        assert not allowed("net:ok.com", url)
    assert not allowed("net:ok.com", "http://ok.com:80@evil.test/")
    assert not allowed("net:*", "http://ok.com:80@evil.test/")


@pytest.mark.parametrize(
    ("grant", "urls", "others"),
    [
        (
            "net:ok.com",
            ["http://ok.com", "https://OK.com.:8443/"],
            ["http://a.ok.com", "http://okxcom", "http://notok.com"],
        ),
        ("net:OK.com.:443", ["https://ok.com", "http://ok.com:443"], ["http://ok.com", "https://ok.com:22"]),
        (
            "net:*.ok.com",
            ["http://a.ok.com", "http://a.b.ok.com", "https://A.OK.COM."],
            ["http://ok.com", "http://xok.com", "http://ok.com.evil.test", "http://a.ok.com.evil.test"],
        ),
        ("net:*.ok.com:443", ["https://a.ok.com"], ["http://a.ok.com", "https://ok.com"]),
        ("net:localhost:8080", ["http://LOCALHOST:8080"], ["http://localhost", "http://127.0.0.1:8080"]),
        ("net:127.0.0.1:8080", ["http://127.0.0.1:8080", "http://[::ffff:127.0.0.1]:8080"], ["http://127.0.0.2:8080"]),
        ("net:[::1]:80", ["http://[::1]", "http://[0::0:1]/"], ["https://[::1]", "http://[::2]", "http://localhost"]),
        ("net:[::1]", ["http://[::1]", "https://[::1]:1"], ["http://127.0.0.1"]),
        ("net:10.0.0.0/8", ["http://10.1.2.3:99"], ["http://11.0.0.1", "http://ten.example", "http://[::a00:1]"]),
        ("net:fd00::/8", ["http://[fd12::1]"], ["http://[fe80::1]", "http://10.0.0.1"]),
        ("net:bücher.example", ["http://xn--bcher-kva.example"], ["http://bucher.example"]),
        (
            "net:*",
            ["http://ok.com", "https://8.8.8.8:99", "http://[2606:4700::1111]", "http://intranet"],
            ["http://localhost", "http://127.0.0.1", "http://10.0.0.1", "http://[::1]", "http://169.254.169.254"],
        ),
        ("net:*:443", ["https://ok.com"], ["http://ok.com", "https://10.0.0.1"]),
    ],
)
def test_d10_a_grant_covers_its_hosts_and_ports(grant: str, urls: list[str], others: list[str]) -> None:
    assert [url for url in urls if not allowed(grant, url)] == []
    assert [url for url in others if allowed(grant, url)] == []


@pytest.mark.parametrize(
    "grant",
    [
        "net:", "net:http://ok.com", "net:ok.com:", "net:ok.com:0", "net:ok.com:65536", "net:ok.com:http",
        "net:ok.com/a", "net:10.0.0.1/8", "net:10.0.0.0/33", "net:10.0.0.0/8:80", "net:::1", "net:*.10.0.0.1",
        "net:*.1", "net:a*b.com", "net:*ok.com", "net:*.*.com", "net:*.", "net:127.1", "net:0x7f000001",
        "net:u@ok.com", "net: ok.com", "net:ok.com ", "net:ok.com,evil.test", "net:%6f.com", "net",
    ],
)  # fmt: skip
def test_b14_a_malformed_grant_is_refused(grant: str) -> None:
    with pytest.raises(Invalid):
        parse_grant(grant)


@pytest.mark.parametrize(
    ("wide", "within", "beyond"),
    [
        (
            "*",
            ["*", "*:80", "ok.com", "*.ok.com", "8.8.8.8", "8.8.8.0/24"],
            ["localhost", "127.0.0.1", "10.0.0.0/8", "0.0.0.0/0"],
        ),
        ("*:80", ["ok.com:80", "*:80"], ["*", "ok.com", "ok.com:81"]),
        ("*.ok.com", ["a.ok.com", "*.ok.com", "*.a.ok.com:80"], ["ok.com", "*", "*.com", "xok.com"]),
        ("ok.com", ["ok.com", "OK.com.:80"], ["*.ok.com", "a.ok.com", "*"]),
        ("ok.com:443", ["ok.com:443"], ["ok.com", "ok.com:80"]),
        (
            "10.0.0.0/8",
            ["10.1.0.0/16", "10.0.0.1:80", "10.0.0.0/8"],
            ["0.0.0.0/0", "11.0.0.1", "fd00::/8", "ok.com", "*"],
        ),
        ("127.0.0.1", ["127.0.0.1:80", "[::ffff:127.0.0.1]:80"], ["localhost", "127.0.0.0/8", "[::1]"]),
        ("localhost", ["localhost:80"], ["127.0.0.1", "*"]),
    ],
)
def test_h08_a_grant_includes_what_is_narrower(wide: str, within: list[str], beyond: list[str]) -> None:
    grant = parse_grant("net:" + wide)
    assert [text for text in within if not includes(grant, parse_grant("net:" + text))] == []
    assert [text for text in beyond if includes(grant, parse_grant("net:" + text))] == []


def test_the_ca_file_is_the_operators() -> None:
    above = Policy(ca="/ca.pem")
    assert narrow(above, Policy()).ca == narrow(above, above).ca == "/ca.pem"
    with pytest.raises(Invalid, match="ca"):
        narrow(above, Policy(ca="/other.pem"))
    assert above.to_json()["ca"] == "/ca.pem"
    assert above.id != Policy().id


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.255", "169.254.169.254", "172.16.0.1",
        "172.31.255.1", "192.0.0.1", "192.168.1.1", "198.18.0.1", "203.0.113.9", "224.0.0.1", "240.0.0.1",
        "255.255.255.255", "::", "::1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe", "64:ff9b:1::808:808", "2002:7f00:1::", "2002:a00:1::1", "2001::1", "2001:db8::1",
        "fc00::1", "fd00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "100::1", "3fff::1", "5f00::1",
    ],
)  # fmt: skip
def test_d08_what_is_not_public_is_known(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "8.8.8.8",
        "172.32.0.1",
        "100.128.0.1",
        "2606:4700::1111",
        "64:ff9b::808:808",
        "2002:808:808::1",
        "::ffff:8.8.8.8",
    ],
)
def test_what_is_public_is_known(address: str) -> None:
    assert is_public(ip_address(address))


def test_a_network_is_public_if_all_of_it_is() -> None:
    assert is_public_network(ip_network("8.8.8.0/24"))
    assert not is_public_network(ip_network("8.0.0.0/6"))
    assert not is_public_network(ip_network("2000::/3"))


def test_only_a_grant_that_names_an_address_admits_it() -> None:
    loopback, ten = ip_address("127.0.0.1"), ip_address("10.0.0.1")
    target, local = parse_url("http://ok.com:8080"), parse_url("http://localhost:8080")

    def admits(scope: str, address: object, to: object = target) -> bool:
        return HostScope.parse(scope, None).admits(to, address)  # type: ignore[arg-type]

    assert admits("10.0.0.0/8", ten)
    assert admits("127.0.0.1:8080", loopback)
    assert not admits("127.0.0.1:80", loopback)
    assert not any(admits(scope, loopback) for scope in ("*", "ok.com", "*.com", "localhost", "10.0.0.0/8"))
    assert admits("localhost:8080", loopback, local)
    assert admits("localhost", ip_address("::1"), local)
    assert not admits("localhost:81", loopback, local)
    assert not admits("localhost", ten, local)
