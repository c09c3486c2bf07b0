"""Secrets: where they come from, and that nothing a program can do brings one to light."""

from __future__ import annotations

import copy
import json
import os
import pickle
import re
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import keyring
import msgpack
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

import vigyc
from vigyc.effects import catalog
from vigyc.effects.masking import Masking
from vigyc.effects.operation import READERS
from vigyc.effects.policy import Policy
from vigyc.effects.recording import packed
from vigyc.effects.result import EffectFailed
from vigyc.effects.secrets import LONGEST, find_secret
from vigyc.lang.abi import BUILTINS
from vigyc.lang.errors import TickError
from vigyc.runtime.host import Host
from vigyc.runtime.printer import display
from vigyc.runtime.secret import Secret, joined, open_secret
from vigyc.runtime.values import MAX_TEXT, Foreign

CANARY = "hunter2-CANARY/pass+word="


class Thing(Foreign):
    """A host object that is no secret."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "#<foreign>"


# -- what programs can do


EXTENSIONS = [
    *vigyc.standard_extensions(),
    vigyc.closure_extension(
        "given", give_secret=lambda host: Secret(CANARY, "key"), give_thing=lambda host: Thing()
    ),
]  # fmt: skip


def run(text: str) -> tuple[list[object], Host]:
    """What became of a program, as everything that can be seen of it, and its host."""
    host = Host()
    try:
        value = vigyc.compile(text, extensions=EXTENSIONS, cache=False).eval(host)
    except TickError as error:
        return [error.kind, error.short, str(error), repr(getattr(error, "value", None))], host
    return [display(value), repr(value), f"{value}"], host


def seen(text: str) -> tuple[str, str]:
    """The first and the whole of what can be seen of a program, with its host's snapshot and output."""
    found, host = run(text)
    return str(found[0]), json.dumps([found, host.snapshot(), host.output])


JOINING = (
    '(string-append "a" (give-secret))',
    '(string-append (give-secret))',
    '(define (f x) (string-append x "b" x)) (f "a") (f (give-secret))',
    '(let ((s (give-secret))) (string-append "n=" (string 3) " " s))',
    "(string (give-secret))",
    '(string-join (list "a" (give-secret)) ",")',
    '(define acc "") (dotimes (i 3) (set! acc (string-append acc (give-secret)))) acc',
    '(define acc "") (dotimes (i 3) (set! acc (string-append "x" acc (string i) (give-secret)))) acc',
    '(reduce string-append "" (list "a" (give-secret) "c"))',
    '(reduce (lambda (a x) (string-append a x)) "" (list "a" (give-secret) "c"))',
    '(define (f n s) (if (< n 5) (f (+ n 1) (string-append s (if (= n 3) (give-secret) "y"))) s)) (f 0 "")',
    '(define (go-on n s) (if (= n 0) s (go-on (- n 1) (string-append s (give-secret))))) (go-on 4 "")',
    '(apply string-append (list "a" (give-secret)))',
    '(car (map (lambda (s) (string-append "Bearer " s)) (list (give-secret) "b")))',
    '(let ((s (if (< 1 2) (give-secret) "plain"))) (string-append s s s s s s))',
    '(hash-map-get (hash-map :k (string-append "a" (give-secret))) :k)',
    "(try (throw (give-secret)) (catch (e) (string-append e \"!\")))",
    "(force (delay (string-append \"a\" (give-secret))))",
)  # fmt: skip


@pytest.mark.parametrize("text", JOINING)
def test_f13_what_is_joined_with_a_secret_is_a_secret(text: str) -> None:
    first, everything = seen(text)
    assert first == "***", first
    assert "hunter2" not in everything
    before, _, last = text.rpartition(") ") if text.startswith("(define") else ("", "", text)
    for operation in ("string-length", "string-upcase", "string->symbol"):
        assert seen(f"{before}{')' * bool(before)} ({operation} {last})")[0] == "type-mismatch"


USES = (
    ("(pr-str S)", '"***"'),
    ("(display S)", "()"),
    ("(println S (list S) (hash-map :k S))", "()"),
    ('(format "{} {}" S (list S))', '"*** (***)"'),
    ("(vigy-set :k S) (vigy-get :k)", '"***"'),
    ("(vigy-set :k (list S (hash-map :a S))) (vigy-get :k)", '("***" {":a" "***"})'),
    ('(vigy-log :info (pr-str S))', "()"),
    ("(vigy-log :info S)", "type-mismatch"),
    ("(vigy-event :kind S)", "type-mismatch"),
    ("(vigy-trace :t S)", "()"),
    ("(vigy-trace S 1)", "type-mismatch"),
    ("(vigy-metric :m S)", "type-mismatch"),
    ("(vigy-metric S 1)", "type-mismatch"),
    ("(vigy-set S 1)", "type-mismatch"),
    ("(hash-map S 1)", "native-fn"),
    ("(hash-map-set (hash-map) S 1)", "native-fn"),
    ("(hash-map-get (hash-map :a 1) S)", "native-fn"),
    ("(hash-map-get S :a)", "type-mismatch"),
    ('(equal? S "hunter2-CANARY/pass+word=")', "#f"),
    ("(equal? S S)", "#f"),
    ("(let ((s S)) (equal? s s))", "#t"),
    ("(compare S S)", None),
    ("(string? S)", "#f"),
    ("(foreign? S)", None),
    ("(if S 1 2)", "1"),
    ("(not S)", "#f"),
    ("(string-length S)", "type-mismatch"),
    ("(substring S 0 4)", "type-mismatch"),
    ("(string-split S \"-\")", "type-mismatch"),
    ("(string->symbol S)", "type-mismatch"),
    ("(string-replace S \"h\" \"\")", "type-mismatch"),
    ("(string-contains? S \"h\")", "type-mismatch"),
    ("(string-join (list \"a\" \"b\") S)", "type-mismatch"),
    ("(read-string S)", "type-mismatch"),
    ("(throw S)", "user"),
    ("(throw (error :bad \"m\" (list :s S)))", "user"),
    ("(throw (error :bad S))", "type-mismatch"),
    ("(error-message (ex-info S))", "type-mismatch"),
    ("(S 1)", "not-callable"),
    ("(+ S 1)", "type-mismatch"),
    ("(< S 1)", "type-mismatch"),
    ('(< S "h")', "type-mismatch"),
    ("(sort-by (list S S) <)", "type-mismatch"),
    ("(car S)", "type-mismatch"),
    ("(for-each (lambda (x) x) S)", "type-mismatch"),
    ("(nth S 0)", "type-mismatch"),
    ("(length S)", "type-mismatch"),
    ("(try (string-length S) (catch (e) (error-message e)))", None),
    ("(try (throw (list S)) (catch (e) (begin (println e) (vigy-trace :e e) (vigy-set :e e) (pr-str e))))", None),
)  # fmt: skip


@pytest.mark.parametrize(("text", "first"), USES)
def test_f13_nothing_brings_a_secret_to_light(text: str, first: str | None) -> None:
    found, everything = seen(text.replace("S", "(give-secret)"))
    assert "hunter2" not in everything.replace('(equal? (give-secret) "hunter2', "")
    assert "CANARY" not in everything
    if first is not None:
        assert found == first


@pytest.mark.parametrize(
    "text",
    [
        "(vigy-emit :deploy (hash-map :token S :all (list S)))", "(vigy-emit S)", "(vigy-defer S)", "(vigy-apply S)",
        "(vigy-create S)", "(vigy-pull (list S))", "(vigy-desired :d S)", "(vigy-observed :o (list S))",
        '(vigy-condition :ready "True" S S)', "(vigy-condition S S)", "(vigy-once S)", "(vigy-incr S)", "(vigy-del S)",
        "(vigy-rate-limited? S 1)", "(vigy-incr :n S)",
    ],
)  # fmt: skip
def test_f13_what_a_tick_decides_shows_a_mask(text: str) -> None:
    first, everything = seen(text.replace("S", "(give-secret)"))
    assert "CANARY" not in everything
    assert (
        "***" in everything or "<secret>" in everything or first in {"type-mismatch", "native-fn", "bad-special-form"}
    ), everything


FILL = ('"ab"', "3", '(list "a" "b")', "(lambda (x) x)", "(hash-map :a 1)", ":k")
SHAPES = (
    "({name} {args})",
    '(define (f x) (let ((y ({name} {hidden}))) (if (string? y) (string-append y "z") y))) (f {given})',
    "(try ({name} {args}) (catch (e) (begin (println e) (vigy-trace :e e) (vigy-set :e e) (pr-str e))))",
)
APART = {"foreign?", "go", "string", "string-append", "string-join"}  # these tell a secret from another host object


def calls(name: str) -> list[list[str]]:
    """Arguments for builtin `name` with `@` in each place in turn."""
    lo, hi = BUILTINS[name].lo, BUILTINS[name].hi
    most = min(lo + 2 if hi is None else hi, 3)
    return [
        [*fill[:at], "@", *fill[at:]]
        for count in range(max(lo, 1), most + 1)
        for at in range(count)
        for fill in (product(FILL, repeat=1) if count == 2 else [FILL[: count - 1]])
    ]


@pytest.mark.parametrize("letter", sorted({name[0] for name in BUILTINS}))
def test_f13_every_builtin_treats_a_secret_as_any_host_object(letter: str) -> None:
    """Generated code included: the same programs, with a secret and with a thing that is none, end alike."""
    for name in [name for name in BUILTINS if name[0] == letter]:
        for args in calls(name):
            for shape in SHAPES[: 3 if args[0] == "@" else 1]:
                ends = []
                for given in ("(give-secret)", "(give-thing)"):
                    text = shape.format(
                        name=name,
                        given=given,
                        args=" ".join(args).replace("@", given),
                        hidden=" ".join(args).replace("@", "x"),
                    )
                    found, host = run(text)
                    assert "CANARY" not in json.dumps([found, host.snapshot(), host.output]), text
                    ends.append(
                        re.sub(r" at 0x\w+", "", str(found).replace("***", "#<foreign>").replace("secret", "foreign"))
                    )
                if name not in APART:
                    assert ends[0] == ends[1], text


# -- what Python can do


def test_nothing_python_does_by_itself_shows_a_secret() -> None:
    secret = Secret(CANARY, "key")
    assert str(secret) == repr(secret) == f"{secret}" == f"{secret:>20}" == f"{secret!r}" == "***"
    assert "%s %r {}".replace("{}", "%s") % (secret, secret, [secret]) == "*** *** [***]"
    assert "CANARY" not in str(vars(type(secret))) + str(dir(secret)) + str(TickError("x", f"{secret}"))
    assert bool(secret) is True
    assert secret not in [CANARY, Secret(CANARY, "key")]
    assert secret == secret  # noqa: PLR0124
    assert not hasattr(secret, "__dict__")
    for encode in (pickle.dumps, copy.copy, copy.deepcopy, json.dumps, msgpack.packb):
        with pytest.raises(TypeError) as raised:
            encode(secret)
        assert "CANARY" not in str(raised.value)
    assert b"CANARY" not in packed([secret, {"a": secret}])


@pytest.mark.parametrize(
    "attempt",
    [len, list, sorted, "".join, lambda s: s[0], lambda s: "h" in s, lambda s: s + "a", lambda s: "a" + s,
     lambda s: s * 2, lambda s: 2 * s, lambda s: s % 1, lambda s: s < "a", lambda s: s > "a", lambda s: s >= "a",
     lambda s: max(s, s)],
)  # fmt: skip
def test_what_is_tried_on_a_string_is_refused(attempt: Callable[[Any], object]) -> None:
    with pytest.raises((TickError, TypeError)) as raised:
        attempt(Secret(CANARY, "key"))
    assert "CANARY" not in str(raised.value)


def test_secrets_join_within_bounds_and_keep_their_names() -> None:
    a, b = Secret("aaa", "a"), Secret("bbb", "b")
    both = joined(["x", b, a, b], "-")
    assert open_secret(both) == "x-bbb-aaa-bbb"
    assert both.name == "a, b"
    assert joined([both, a, both]).name == "a, b"
    long = Secret("x" * (MAX_TEXT // 2 + 1), "long")
    with pytest.raises(TickError, match="size limit"):
        joined([long, long])
    doubling = "(define s (give-secret)) (dotimes (i 40) (set! s (string-append s s))) s"
    assert seen(doubling)[0] == "size-exceeded"


def test_only_effects_open_secrets() -> None:
    """A pure function that did could work out what is in one."""
    opening = {name for name, (what, _) in READERS.items() if "secret" in what} | {"Text", "Blob", "Target"}
    opening |= {f"list[{name}]" for name in opening} | {f"dict[str, {name}]" for name in opening}
    for name in catalog.PACKS:
        try:
            operations = catalog.pack(name).operations
        except ModuleNotFoundError:
            continue
        for operation in operations.values():
            if not operation.is_effect:
                readers = {parameter.reader for parameter in operation.parameters}
                readers |= {reader for reader, _ in operation.options.values()}
                assert not readers & opening, operation.name


# -- where secrets come from


@pytest.fixture
def secret_file(tmp_path: Path) -> Callable[..., str]:
    def write(data: bytes, mode: int = 0o600) -> str:
        path = tmp_path / "key"
        path.write_bytes(data)
        path.chmod(mode)
        return f"file:{path}"

    return write


def test_a_secret_of_the_environment(effects: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGYC_TEST_KEY", CANARY)
    run = effects("secret:api-key", secrets={"api-key": "env:VIGYC_TEST_KEY"})
    found = run.value("secret-get", "api-key")
    assert found.__class__ is Secret
    assert (open_secret(found), found.name) == (CANARY, "api-key")
    monkeypatch.delenv("VIGYC_TEST_KEY")
    error = run.error("secret-get", "api-key")
    assert (error.tag, error.message) == ("not-found", "the secret api-key is not set in its env")


@pytest.mark.parametrize(
    ("data", "text"),
    [(b"abcd", "abcd"), (b"abcd\n", "abcd"), (b"abcd\r\n", "abcd"), (b"abcd\n\n", "abcd\n"), (b" abcd ", " abcd "),
     ("ключ\n".encode(), "ключ"), (b"x" * LONGEST, "x" * LONGEST)],
)  # fmt: skip
def test_a_secret_of_a_file_is_its_text_without_the_last_line_end(
    effects: Callable[..., Any], secret_file: Callable[..., str], data: bytes, text: str
) -> None:
    run = effects("secret:*", secrets={"k": secret_file(data)})
    assert open_secret(run.value("secret-get", "k")) == text


def test_a_file_is_read_each_time(effects: Callable[..., Any], secret_file: Callable[..., str]) -> None:
    run = effects("secret:*", secrets={"k": secret_file(b"first-key")})
    assert open_secret(run.value("secret-get", "k")) == "first-key"
    secret_file(b"second-key")
    assert open_secret(run.value("secret-get", "k")) == "second-key"
    assert run.session.masked("first-key second-key") == "*** ***"


@pytest.mark.parametrize("mode", [0o604, 0o644, 0o602, 0o601, 0o666])
def test_a_file_that_others_can_use_is_refused(
    effects: Callable[..., Any], secret_file: Callable[..., str], mode: int
) -> None:
    error = effects("secret:*", secrets={"k": secret_file(CANARY.encode(), mode)}).error("secret-get", "k")
    assert (error.tag, error.message) == ("no-permission", "the secret k: its file is open to others; chmod o-rwx it")


@pytest.mark.parametrize("mode", [0o400, 0o600, 0o640, 0o440])
def test_a_file_of_the_owner_and_the_group_is_read(
    effects: Callable[..., Any], secret_file: Callable[..., str], mode: int
) -> None:
    effects("secret:*", secrets={"k": secret_file(b"abcd", mode)}).value("secret-get", "k")


def test_a_file_that_cannot_be_a_secret(
    effects: Callable[..., Any], secret_file: Callable[..., str], tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "fifo", 0o600)
    cases = {
        f"file:{tmp_path}/none": "not-found",
        f"file:{tmp_path}/fifo": "not-file",
        "file:/dev/null": "not-file",
        f"file:{tmp_path}/key/below": "no-permission",
        secret_file(b""): "not-found",
    }
    (tmp_path / "folder").mkdir(mode=0o700)
    cases[f"file:{tmp_path}/folder"] = "not-file"
    for where, tag in cases.items():
        error = effects("secret:*", secrets={"k": where}).error("secret-get", "k")
        assert error.tag == tag, where
        assert str(tmp_path) not in error.message
    assert effects("secret:*", secrets={"k": secret_file(b"\n")}).error("secret-get", "k").tag == "not-found"
    assert effects("secret:*", secrets={"k": secret_file(b"\xff\xfe")}).error("secret-get", "k").tag == "not-text"
    long = secret_file(b"x" * (LONGEST + 1))
    assert effects("secret:*", secrets={"k": long}).error("secret-get", "k").tag == "too-large"


def test_a_relative_file_is_below_the_base(
    effects: Callable[..., Any], secret_file: Callable[..., str], tmp_path: Path
) -> None:
    secret_file(b"abcd")
    run = effects("secret:*", base=str(tmp_path), secrets={"k": "file:key"})
    assert open_secret(run.value("secret-get", "k")) == "abcd"


def test_what_is_not_granted_or_not_named(effects: Callable[..., Any]) -> None:
    run = effects("secret:db-*", secrets={"db-a": "env:HOME", "api": "env:HOME", "db-b": "vault:x", "db-c": "HOME"})
    there, absent = run.denied("secret-get", "api"), run.denied("secret-get", "opi")
    assert there.replace("api", "N") == absent.replace("opi", "N")
    run.value("secret-get", "db-a")
    assert run.error("secret-get", "db-x").message == "the policy names no secret db-x"
    assert run.error("secret-get", "db-b").message == (
        "the secret db-b: there is no source vault; there are env, file, keyring"
    )
    assert run.error("secret-get", "db-c").tag == "not-found"
    assert "there is no grant of secret" in effects("env:*").denied("secret-get", "api")


class Ring(KeyringBackend):
    """A keyring in memory."""

    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        if service == "locked":
            raise KeyringLocked(f"cannot unlock {CANARY}")
        return CANARY if (service, username) == ("vigyc", "deploy/bot") else None

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError

    def delete_password(self, service: str, username: str) -> None:
        raise NotImplementedError


def test_a_secret_of_the_keyring(effects: Callable[..., Any]) -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(Ring())  # type: ignore[no-untyped-call]
    try:
        run = effects(
            "secret:*",
            secrets={"k": "keyring:vigyc/deploy/bot", "none": "keyring:vigyc/x", "locked": "keyring:locked/x"},
        )
        assert open_secret(run.value("secret-get", "k")) == CANARY
        assert run.error("secret-get", "none").tag == "not-found"
        error = run.error("secret-get", "locked")
        assert (error.tag, error.message) == ("no-permission", "the secret locked: the keyring cannot be read")
    finally:
        keyring.set_keyring(before)


def test_a_failure_says_nothing_of_the_text(secret_file: Callable[..., str]) -> None:
    policy = Policy.of("secret:*", secrets={"k": secret_file(CANARY.encode() + b"\xff")})
    with pytest.raises(EffectFailed) as raised:
        find_secret(policy, "k")
    assert "CANARY" not in repr(raised.value) + repr(raised.value.__cause__)
    assert raised.value.__suppress_context__


# -- what comes back from the world


@pytest.fixture
def holding(effects: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """A run that holds the secret, and the secret."""

    def hold(*grants: str, **policy: Any) -> tuple[Any, Secret]:
        monkeypatch.setenv("VIGYC_TEST_KEY", CANARY)
        run = effects("secret:*", *grants, secrets={"key": "env:VIGYC_TEST_KEY"}, **policy)
        return run, run.value("secret-get", "key")

    return hold


def test_t7_what_is_read_back_is_masked(holding: Callable[..., Any], tmp_path: Path) -> None:
    run, secret = holding(f"fs.read:{tmp_path}", f"fs.write:{tmp_path}")
    run.value("fs-write", f"{tmp_path}/a", joined(["token=", secret]))
    assert (tmp_path / "a").read_text() == f"token={CANARY}"
    assert run.value("fs-read", f"{tmp_path}/a") == "token=***"
    assert "CANARY" not in str([call.value for call in run.gate.calls])


@pytest.mark.parametrize(
    "wrap", ["http://me:{}@example.com/", "http://{}/", "http://{}.example.org/x", "{}", "http://[{}"]
)
def test_t7_a_refusal_shows_nothing_of_a_secret_it_was_asked_for(holding: Callable[..., Any], wrap: str) -> None:
    run, secret = holding("net:example.com")
    before, _, after = wrap.partition("{}")
    text = run.denied("http-get", joined([before, secret, after]))
    shown = text + str(run.gate.calls[-1].decisions) + str(run.gate.calls[-1].raised)
    assert text == "`http-get` of *** is denied: no grant of net covers it"
    assert "hunter" not in shown.lower()
    assert "canary" not in shown.lower()


def test_t7_a_record_names_the_secret_and_does_not_hold_it(holding: Callable[..., Any]) -> None:
    run, secret = holding()
    run.call("crypto-hmac-sha256", secret, "m")
    recording = run.gate.recording({}, [])
    assert b"CANARY" not in recording
    assert b"key" in recording


def test_masking_finds_what_urls_json_and_hosts_make_of_a_secret() -> None:
    masking = Masking()
    assert masking.masked({"a": [CANARY]}) == {"a": [CANARY]}
    masking.add(CANARY)
    for text in (
        CANARY, "hunter2-CANARY%2Fpass%2Bword%3D", "hunter2-CANARY/pass%2bword=", "HUNTER2-canary/PASS+word=",
    ):  # fmt: skip
        assert masking.masked(f"a {text} b") == "a *** b"
        assert masking.masked({text: [text, {"k": text}]}) == {"***": ["***", {"k": "***"}]}
    assert masking.masked(f"<{CANARY}>".encode()) == b"<***>"
    assert masking.masked("hunter2") == "hunter2"
    masking.add('qu"o\\te d\né')
    assert masking.masked(json.dumps('qu"o\\te d\né')) == '"***"'
    assert masking.masked("qu%22o%5Cte+d%0A%C3%A9") == "***"
    assert masking.masked('qu"o\\te d\né'.encode()) == b"***"


def test_masking_takes_the_longer_of_two_and_leaves_short_ones() -> None:
    masking = Masking()
    masking.add("abc")
    assert masking.masked("abc") == "abc"
    masking.add("password")
    masking.add("password-long")
    assert masking.masked("password-long password") == "*** ***"
    assert masking.masked(["x" * 5000 + "password"]) == ["x" * 5000 + "***"]
    for at in range(100):
        masking.add(f"rotated-{at}")
    assert masking.masked("rotated-99 rotated-0 rotated-40") == "*** rotated-0 ***"


def test_masking_changes_no_value_it_is_given_and_goes_as_deep_as_it_must() -> None:
    masking = Masking()
    masking.add(CANARY)
    value = {"a": [CANARY, {"b": CANARY}], "n": [1, None, True, 2.5, Secret(CANARY, "k")]}
    masked = masking.masked(value)
    assert masked["a"] == ["***", {"b": "***"}]
    assert masked["n"] == value["n"]
    assert value["a"] == [CANARY, {"b": CANARY}]
    deep: Any = CANARY
    for _ in range(5000):
        deep = [deep]
    found = masking.masked(deep)
    while found.__class__ is list:
        found = found[0]
    assert found == "***"
