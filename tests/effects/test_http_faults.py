"""Faults that a review of the network and the pack `http` found: each case fails without its remedy."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from ipaddress import ip_address
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
import trustme

from effects import loopback
from effects.conftest import Effects
from effects.loopback import Serve, answer, certified, redirect, url
from vigyc.effects.limits import Limits
from vigyc.effects.network.special import is_public
from vigyc.lang.datum import keyword
from vigyc.lang.errors import TickError

Make = Callable[..., Effects]
STATUS, BODY = keyword("status"), keyword("body")


@pytest.fixture
def serve() -> Iterator[Serve]:
    with loopback.serving() as serve:
        yield serve


def keyed(**options: object) -> dict[object, object]:
    return {keyword(name): value for name, value in options.items()}


@pytest.mark.parametrize(
    "options", [keyed(query={"a": "\udce9"}), keyed(query={"\ud800": "a"}), keyed(json={"a": "\udce9"})]
)
def test_half_a_surrogate_pair_is_misuse_and_no_fault_of_ours(effects: Make, options: dict[object, object]) -> None:
    """Such text comes of file names that are not UTF-8, and of JSON."""
    with pytest.raises(TickError) as raised:
        effects("net:127.0.0.1").call("http-post", "http://127.0.0.1:9/", options)
    assert raised.value.kind == "native-fn"


@pytest.mark.parametrize(
    "options",
    [
        keyed(query={"a": "x" * 20_000}),
        keyed(headers={"a": "x" * 70_000}),
        keyed(headers={f"a{n}": "x" * 60 for n in range(1100)}),
    ],
)  # fmt: skip
def test_what_is_no_body_is_bounded_since_it_is_not_paid_for(effects: Make, options: dict[object, object]) -> None:
    with pytest.raises(TickError, match="at most") as raised:
        effects("net:127.0.0.1").call("http-get", "http://127.0.0.1:9/", options)
    assert raised.value.kind == "native-fn"


def test_look_ups_that_hang_do_not_hold_a_tick_twice(effects: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting for a turn and waiting for the answer were each given all the time there was."""
    hang = threading.Event()

    def hanging(*_: object, **__: object) -> list[Any]:
        hang.wait(5)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hanging)
    others = [effects("net:*", seconds=0.6) for _ in range(16)]
    threads = [threading.Thread(target=other.error, args=("http-get", "http://slow.test/")) for other in others]
    for thread in threads:
        thread.start()
    sleep(0.1)
    late = threading.Timer(0.5, hang.set)  # a turn is free now, and the next look-up hangs as well
    late.start()
    again = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: again.wait(5) and [])
    began = monotonic()
    assert effects("net:*", seconds=0.8).error("http-get", "http://slow.test/").tag == "timeout"
    took = monotonic() - began
    again.set()
    for thread in [*threads, late]:
        thread.join()
    assert took < 1.1


def test_a_thread_that_cannot_be_started_takes_no_turn_for_good(effects: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    run = effects("net:*", seconds=2.0)
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", none_left)
        for _ in range(20):
            assert run.error("http-get", "http://a.invalid/").tag == "network"
    assert run.error("http-get", "http://a.invalid/").message == "a.invalid: there is no such host"


def test_an_address_that_does_not_answer_leaves_time_for_the_next(effects: Make, serve: Serve) -> None:
    server = serve(answer(b"here"))
    with ExitStack() as stack:
        hole = stack.enter_context(socket.socket())
        hole.bind(("127.0.0.2", server.port))
        hole.listen(0)
        for _ in range(4):  # fill its queue: whoever comes now is not answered
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.2", server.port))
        run = effects(
            "net:h.test", "net:127.0.0.0/8", resolve={"h.test": "127.0.0.2 127.0.0.1"}, limits=Limits(connect_ms=600)
        )
        assert run.value("http-get", url(server, host="h.test"))[BODY] == "here"


def test_an_answer_before_the_request_is_all_sent_is_an_answer(effects: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def refuse() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(answer(b"too big", 413))

        thread = threading.Thread(target=refuse)
        thread.start()
        run = effects("net:127.0.0.1")
        place = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        found = run.value("http-post", place, keyed(body="x" * 15_000_000))
        thread.join()
    assert (found[STATUS], found[BODY]) == (413, "too big")


def test_a_server_that_goes_away_while_it_is_sent_to_is_a_failure_of_the_network(effects: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def leave() -> None:
            connection, _ = listening.accept()
            with suppress(OSError), connection:
                connection.recv(1000)

        thread = threading.Thread(target=leave)
        thread.start()
        place = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        error = effects("net:127.0.0.1").error("http-post", place, keyed(body="x" * 15_000_000))
        thread.join()
    assert error.tag == "network"


def test_a_redirect_may_be_written_in_utf_8(effects: Make, serve: Serve) -> None:
    server = serve(lambda asked: answer(asked.path.encode()) if asked.path != "/" else redirect("/é/世"))
    assert effects("net:127.0.0.1").value("http-get", url(server))[BODY] == "/%C3%A9/%E4%B8%96"


def test_the_wire_server_of_azure_is_not_public() -> None:
    assert not is_public(ip_address("168.63.129.16"))
    assert is_public(ip_address("168.63.129.17"))


def test_a_certificate_proves_a_host_by_its_names_alone(effects: Make, serve: Serve, tmp_path: Path) -> None:
    """The common name was taken where there is no DNS name in it."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = certified(authority, "ok.test")
    made = authority.issue_cert("someone@ok.test", common_name="ok.test")
    context.load_cert_chain(_written(made, tmp_path))
    server = serve(answer(b"x"), context)
    run = effects(
        "net:ok.test", "net:127.0.0.1", resolve={"ok.test": "127.0.0.1"}, ca=str(tmp_path / "ca.pem")
    )  # fmt: skip
    assert run.error("http-get", url(server, host="ok.test", scheme="https")).tag == "tls"


def _written(made: trustme.LeafCert, folder: Path) -> str:
    made.private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    return str(folder / "server.pem")
