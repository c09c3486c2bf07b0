"""`vigyc python`: what the program of a registered vigy becomes."""

from __future__ import annotations

from contextlib import closing

from cli.counter import Counter
from cli.shell import vigyc
from vigyc.lang.digest import digest
from vigyc.model.notice import UPDATED
from vigyc.runtime.store.sqlite import open_store


def test_it_is_what_compile_shows_of_the_file(counter: Counter) -> None:
    text = '(define (twice n) (* 2 n)) (vigy-set "n" (twice 21))'
    counter.register("one", text)
    told = counter.good("python", "one")
    assert told == vigyc("compile", counter.file(text)).stdout
    assert "def " in told
    assert counter.json("python", "one") == {"python": told}
    counter.bad("python", "nobody", code=4)


def test_what_does_not_compile_is_shown_with_its_place(counter: Counter) -> None:
    counter.register("one")
    with closing(open_store(counter.db)) as store:
        made = store.named("one")
        assert made is not None
        store.change(made, made._replace(program="1\n(car", digest=digest("1\n(car")), UPDATED)
    done = counter("python", "one")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "--> one:2:1" in done.stderr
