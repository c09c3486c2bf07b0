"""T7, F13: secrets pushed through everything that vigyc shows or keeps, and not one of them is found afterwards.

Real processes tick real programs against a real store, under a policy file that names the secrets. Then every byte on
the disk and all that was said is searched, in each spelling. A text that is no secret goes the same ways, and is found:
so the search works, and the ways lead somewhere.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest

from cli.shell import vigyc
from effects import loopback
from effects.loopback import Asked, answer, url
from vigyc import closure_extension, standard_extensions
from vigyc import compile as compile_program
from vigyc.lang.errors import TickError
from vigyc.runtime.host import Host
from vigyc.runtime.secret import Secret

NAMES = ("env", "file", "header", "query", "param")
PLAIN = "plain-0f3c5a7e91d2"
CORES = {name: f"{name}0canary0{os.urandom(8).hex()}" for name in NAMES}
SECRETS = {name: f"{core}/+= é&x" if name in {"query", "param"} else f"{core}/+x=" for name, core in CORES.items()}

PUSH = """
(define (secret name) (ok-value (secret-get name)))
(define (push s)
  (define (attempt thunk)
    (try (let ((found (thunk)))
           (vigy-trace :found found) (vigy-set (string-append "found-" (string (vigy-incr "n"))) found)
           (vigy-log "info" (pr-str found)) (println found) (vigy-emit :custom found))
         (catch (e)
           (vigy-trace :error e) (vigy-set "error" e) (vigy-log "warn" (pr-str e))
           (println e (if (error? e) (list (error-message e) (error-data e)) "none")) (vigy-emit :custom (list e)))))
  (attempt (lambda () s))
  (attempt (lambda () (string-append "Bearer " s "!")))
  (attempt (lambda () (list s (hash-map :k s "j" (string-append s s)))))
  (attempt (lambda () (format "{} and {}" s (list s))))
  (attempt (lambda () (throw s)))
  (attempt (lambda () (throw (ex-info "no" (list :token s)))))
  (attempt (lambda () (throw (error :bad "no" (list s)))))
  (attempt (lambda () (error :bad s)))
  (attempt (lambda () (+ 1 s)))
  (attempt (lambda () (substring s 0 9)))
  (attempt (lambda () (string->symbol s)))
  (attempt (lambda () (hash-map s s)))
  (attempt (lambda () (json-write (list s))))
  (attempt (lambda () (bytes-base64 s)))
  (attempt (lambda () (bytes-hex s)))
  (attempt (lambda () (url-encode s)))
  (attempt (lambda () (crypto-sha256 s)))
  (attempt (lambda () (str-reverse s)))
  (attempt (lambda () (template-render "{{k}}" (hash-map :k s))))
  (attempt (lambda () (regex-find "." s)))
  (attempt (lambda () (yaml-write (list s))))
  (attempt (lambda () (eval s)))
  (attempt (lambda () (vigy-set s 1)))
  (attempt (lambda () (vigy-log "info" s)))
  (attempt (lambda () (vigy-log s "x")))
  (attempt (lambda () (vigy-metric s 1)))
  (attempt (lambda () (vigy-metric "m" s)))
  (attempt (lambda () (vigy-event s "x")))
  (attempt (lambda () (vigy-event "e" s)))
  (attempt (lambda () (vigy-trace s s)))
  (attempt (lambda () (vigy-desired "d" s)))
  (attempt (lambda () (vigy-observed "o" (list s))))
  (attempt (lambda () (vigy-condition "Ready" "True" "reason" (pr-str s))))
  (attempt (lambda () (vigy-condition "Ready" s s s)))
  (attempt (lambda () (vigy-defer s)))
  (attempt (lambda () (vigy-apply (hash-map :token s))))
  (attempt (lambda () (vigy-once s)))
  (attempt (lambda () (io-print s)))
  (attempt (lambda () (io-print (list "x" s))))
  (log-sink "granted/app.log")
  (attempt (lambda () (log-info s)))
  (attempt (lambda () (log-info "m" (hash-map :token s :all (list s)))))
  (attempt (lambda () (log-error (list s))))
  (attempt (lambda () (env-get s)))
  (attempt (lambda () (fs-read s)))
  (attempt (lambda () (fs-read (string-append "granted/" s))))
  (attempt (lambda () (fs-write "granted/on-purpose.txt" s)))
  (attempt (lambda () (fs-read "granted/on-purpose.txt")))
  (attempt (lambda () (fs-write (string-append "granted/" s) "x")))
  (attempt (lambda () (http-get s)))
  (attempt (lambda () (http-get (string-append "http://" s "/x"))))
  (attempt (lambda () (http-get (string-append "URL/path/" s))))
  (attempt (lambda () (http-get "URL/echo" (hash-map :headers (hash-map "authorization" s)))))
  (attempt (lambda () (http-get "URL/error" (hash-map :headers (hash-map "authorization" s)))))
  (attempt (lambda () (http-get "URL/echo" (hash-map :query (hash-map "token" s)))))
  (attempt (lambda () (http-get "URL/moved" (hash-map :query (hash-map "token" s)))))
  (attempt (lambda () (http-get "URL/broken" (hash-map :query (hash-map "token" s)))))
  (attempt (lambda () (http-get "http://127.0.0.1:9/" (hash-map :query (hash-map "token" s)))))
  (attempt (lambda () (http-post "URL/echo" (hash-map :body s))))
  (attempt (lambda () (http-post "URL/echo" (hash-map :json (list s)))))
  (attempt (lambda () (http-get "URL/echo" (hash-map :headers (hash-map s "x")))))
  (attempt (lambda () (http-get "URL/echo" (hash-map :headers (hash-map "x" (string-append s "\\n"))))))
  (attempt (lambda () (process-run (list "sh" "-c" "echo $T; echo $T >&2; exit 3") (hash-map :env (hash-map "T" s)))))
  (attempt (lambda () (process-run (list "cat") (hash-map :stdin s))))
  (attempt (lambda () (process-run (list "cat" s))))
  (attempt (lambda () (process-run (list s))))
  (define db (ok-value (sql-memory)))
  (ok-value (sql-exec db "CREATE TABLE t (v TEXT UNIQUE, n INTEGER)"))
  (attempt (lambda () (sql-exec db "INSERT INTO t VALUES (?, 1)" (list s))))
  (attempt (lambda () (sql-exec db "INSERT INTO t VALUES (?, 2)" (list s))))
  (attempt (lambda () (sql-query db "SELECT v, upper(v), 'x' || v AS w FROM t")))
  (attempt (lambda () (sql-query db "SELECT json(?)" (list s))))
  (attempt (lambda () (sql-query db (string-append "SELECT " s))))
  (attempt (lambda () (sql-open s)))
  (attempt (lambda () (kv-put (ok-value (kv-open "granted/data.kv")) "k" s)))
  (attempt (lambda () (kv-put (ok-value (kv-open "granted/data.kv")) s 1)))
  (attempt (lambda () (crypto-hmac-sha256 s "message")))
  (attempt (lambda () (crypto-hmac-sha256 "key" s)))
  (attempt (lambda () (crypto-equal? s s)))
  (attempt (lambda () (mcp-call "echo" "tool" (hash-map :text s))))
  (attempt (lambda () (secret-get s)))
  (attempt (lambda () (secret-get "missing")))
  (attempt (lambda () (secret-get "unset")))
  (vigy-once "done"))
"""
FAILURES = {
    "thrown": "(throw S)",
    "thrown-in": '(throw (ex-info "no" (list :token S)))',
    "mistyped": "(string-length S)",
    "mistyped-in": '(hash-map-get (hash-map :a 1) (list S))',
    "not-found": '(ok-value (process-run (list "sh" "-c" "echo $T >&2; exit 3") (hash-map :env (hash-map "T" S))))'
    " (throw (process-run (list \"sh\" \"-c\" \"echo $T\") (hash-map :env (hash-map \"T\" S))))",
    "echoed": '(throw (ok-value (http-get "URL/echo" (hash-map :headers (hash-map "authorization" S)))))',
    "refused": "(ok-value (env-get S))",
    "refused-host": '(ok-value (http-get (string-append "http://" S "/")))',
}  # fmt: skip


def spellings(core: str) -> dict[str, bytes]:
    """How the text may be written, by the name of the way; the core is letters and digits, which URLs leave alone."""
    data = core.encode()
    found = {"raw": data, "hex": data.hex().encode(), "HEX": data.hex().upper().encode(), "url": quote(core).encode()}
    for shift in range(3):  # where the text begins within what was encoded
        whole = base64.b64encode(b"\0" * shift + data)
        found[f"base64+{shift}"] = whole[4 : len(whole) - 4]
    return {**found, "reversed": data[::-1], "upper": data.upper(), "utf-16": core.encode("utf-16-le")}


@dataclass
class Scene:
    """The folder of the test, and what all commands said, by what they were."""

    place: Path
    server: loopback.Loopback
    said: dict[str, bytes] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return url(self.server, "")

    def run(self, *args: str) -> None:
        """Run a command line as a process of its own."""
        done = subprocess.run([sys.executable, "-m", "vigyc", *args], capture_output=True, timeout=60, check=False)
        self.said[" ".join(args)] = done.stdout + b"\n" + done.stderr

    def show(self, *args: str) -> str:
        """Run a command line here; what it wrote to stdout."""
        done = vigyc(*args)
        self.said[" ".join(args)] = done.output.encode() + repr(done.exception).encode()
        return done.stdout

    def program(self, name: str, text: str) -> str:
        """The path of a program."""
        (self.place / f"{name}.tatara").write_text(text.replace("URL", self.url), "utf-8")
        return f"{name}.tatara"

    def policy(self) -> None:
        sources = {name: f"env:CANARY_{name.upper()}" for name in NAMES if name != "file"}
        sources |= {"file": "file:secrets/file.txt", "unset": "env:CANARY_UNSET"}
        lines = [
            'base = "."',
            'grants = ["secret:*", "env:CANARY_PLAIN", "fs.read:granted", "fs.write:granted", "sql:granted", '
            f'"kv:granted", "net:{self.url.removeprefix("http://")}", "net:127.0.0.1:9", "proc:sh", "proc:cat", "log", '
            '"print", "mcp:*"]',
            "[secrets]", *(f'{name} = "{source}"' for name, source in sources.items()),
            "[mcp.echo]", f'url = "{self.url}/error"', 'headers = { Authorization = "secret:header" }',
        ]  # fmt: skip
        (self.place / "policy.toml").write_text("\n".join(lines))

    def bytes_kept(self) -> Iterator[tuple[str, bytes]]:
        """Every file below the folder but what was written on purpose, and where the secrets are."""
        for path in sorted(self.place.rglob("*")):
            kept_apart = {"on-purpose.txt", "data.kv", "file.txt"}
            if path.is_file() and path.name.removesuffix("-wal").removesuffix("-shm") not in kept_apart:
                yield str(path.relative_to(self.place)), path.name.encode() + b"\n" + path.read_bytes()

    def found(self, core: str) -> list[str]:
        """Where the text is, and how it is spelt."""
        places = [*self.bytes_kept(), *((f"$ vigyc {line}", said) for line, said in self.said.items())]
        return [
            f"{place}: {way}: ...{data[max(data.find(text) - 90, 0) : data.find(text) + 20]!r}"
            for place, data in places
            for way, text in spellings(core).items()
            if text in data
        ]


def echoing(asked: Asked) -> bytes:
    """All that was sent, in the body, a header and the error page."""
    sent = "\r\n".join([asked.path, json.dumps(asked.headers), asked.body.decode("utf-8", "replace")]).encode()
    token = asked.headers.get("authorization", "none")
    if asked.path.startswith("/moved"):
        return answer(sent, 302, {"Location": f"http://127.0.0.1:9{asked.path}"})
    if asked.path.startswith("/broken"):
        return b"HTTP/1.1 200 " + asked.path.encode() + b"\r\n" + asked.path.encode() + b"\r\n\r\n"
    return answer(sent, 500 if asked.path.startswith("/error") else 200, {"X-Echo": token, "Set-Cookie": f"t={token}"})


def perform(scene: Scene) -> None:
    """Everything a user may do with programs that hold secrets."""
    given = {name: f'(ok-value (secret-get "{name}"))' for name in NAMES} | {"plain": '(env-get "CANARY_PLAIN")'}
    for name, of in given.items():
        scene.show("register", scene.program(name, f"{PUSH}(push {of})"), "--name", name, "--every", "1h")
        scene.run("tick", name, "-o", "json")
        scene.show("tick", name, "--dry-run")
    for name, text in FAILURES.items():
        program = scene.program(name, text.replace("S", given["header"]))
        scene.show("register", program, "--name", name, "--disabled")
        scene.run("tick", name, "--debug")
        scene.show("eval", "--debug", program)
    plain = scene.program("plain-fails", FAILURES["thrown-in"].replace("S", given["plain"]))
    scene.run("eval", "--debug", plain)
    scene.run("run", "env.tatara", "param.tatara", "--ticks", "1", "--db", "run.db", "-o", "json")
    scene.run("serve", "--no-http", "--tail", "--ticks", "2", "--for", "2s")


def look(scene: Scene) -> None:
    """Every command that shows or copies something."""
    for line in (
        "list -o json", "runs -o json", "tail --no-follow -n 5000 -o json", "tail --no-follow -n 5000 --level trace",
        "db backup copy.db", "db info", "db verify", "audit", "audit -o json", "doctor -o json", "config show",
        "policy explain", "policy explain secret env", "policy check env.tatara", "check env.tatara",
        "compile env.tatara --emit bytecode", "versions env", "next", "cache verify",
    ):  # fmt: skip
        scene.show(*line.split())
    for name in ("header", "plain", "thrown"):
        for line in ("state", "inspect", "explain"):
            scene.show(line, name, "-o", "json")
        scene.show("kv", "export", name)
        scene.show("kv", "ls", name)
    for name in (*NAMES, "plain", "echoed"):
        run = json.loads(scene.show("runs", name, "-o", "json"))[0]["id"]
        scene.show("runs", "--run", run, "-o", "json")
        scene.show("runs", "--run", run)
        scene.show("replay", run, "-o", "json")


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    (tmp_path / "secrets").mkdir(0o700)
    (tmp_path / "granted").mkdir()
    secret = tmp_path / "secrets" / "file.txt"
    secret.write_text(SECRETS["file"])
    secret.chmod(0o600)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CANARY_PLAIN", PLAIN)
    for name in {*NAMES} - {"file"}:
        monkeypatch.setenv(f"CANARY_{name.upper()}", SECRETS[name])
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("VIGY_DB", str(tmp_path / "vigy.db"))
    monkeypatch.setenv("VIGYC_POLICY", str(tmp_path / "policy.toml"))
    monkeypatch.setenv("VIGYC_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("VIGYC_CACHE_KEY_FILE", str(tmp_path / "cache.key"))
    with loopback.serving() as serve:
        made = Scene(tmp_path, serve(echoing))
        made.policy()
        yield made


@pytest.mark.skipif(os.name != "posix", reason="the programs run sh and cat")
def test_t7_no_canary_is_found_anywhere(scene: Scene) -> None:
    perform(scene)
    look(scene)
    # all these ways are gone: what is no secret is found in each of them
    shown = "\n".join(scene.found(PLAIN))
    for way in (
        "vigy.db", "copy.db", "granted/app.log", "$ vigyc tick plain -o json", "$ vigyc tick plain --dry-run",
        "$ vigyc runs", "$ vigyc tail", "$ vigyc kv export plain", "$ vigyc state plain", "$ vigyc eval --debug",
        "base64", "hex", "reversed",
    ):  # fmt: skip
        assert way in shown, way
    assert (scene.place / "granted" / "on-purpose.txt").read_text() in {*SECRETS.values(), PLAIN}  # for it was granted
    for name in NAMES:  # no program ended before it had tried everything, and what was granted was done in earnest
        run = json.loads(scene.said[f"tick {name} -o json"].splitlines()[0])
        assert run["result"] == "ok", run
        assert any(SECRETS[name] in asked.headers.get("authorization", "") for asked in scene.server.asked), name
    leaks = [leak for name in NAMES for leak in scene.found(CORES[name])]
    assert not leaks, f"{len(leaks)} leaks:\n" + "\n".join(leaks[:60])


def test_t7_a_secret_is_no_code() -> None:
    given = closure_extension("given", give=lambda host: Secret(SECRETS["env"], "env"))
    for text in ("(eval (give))", "(eval (list (quote list) (give)))", "(macroexpand (give))"):
        with pytest.raises(TickError, match="a value of kind secret") as caught:
            compile_program(text, extensions=[*standard_extensions(), given], cache=False).eval(Host())
        assert CORES["env"] not in str(caught.value)
