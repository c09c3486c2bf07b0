"""The error renderer against the picture in docs/architecture.md."""

from __future__ import annotations

import re

from vigyc.lang.diagnostic import Diagnostic
from vigyc.lang.render import LONGEST_LINE, brief, render
from vigyc.lang.source import Source


def shown(text: str, marked: str, source_name: str = "t", **fields: object) -> str:
    start = len(text[: text.index(marked)].encode())
    diagnostic = Diagnostic("an-id", "a message", start, start + len(marked.encode()), **fields)  # type: ignore[arg-type]
    return render([diagnostic], Source(source_name, text))


def test_the_picture() -> None:
    text = "\n" * 6 + '    (if due (run) (wait) (log "x"))\n'
    form = '(if due (run) (wait) (log "x"))'
    diagnostic = Diagnostic(
        "wrong-arity",
        "`if` takes 2 or 3 forms, and this has 4",
        text.index(form),
        text.index(form) + len(form),
        notes=(
            ("shape", "(if test then else?)"),
            ("help", "to do two things in one branch, wrap them in (begin ...)"),
        ),
    )
    assert render([diagnostic], Source("counter.tatara", text)) == (
        "error[wrong-arity]: `if` takes 2 or 3 forms, and this has 4\n"
        " --> counter.tatara:7:5\n"
        "  |\n"
        '7 |     (if due (run) (wait) (log "x"))\n'
        "  |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "  = shape: (if test then else?)\n"
        "  = help: to do two things in one branch, wrap them in (begin ...)\n"
    )


def test_the_gutter_is_as_wide_as_the_number() -> None:
    assert shown("\n" * 99 + "(x)", "x") == ("error[an-id]: a message\n   --> t:100:2\n    |\n100 | (x)\n    |  ^\n")


def test_carets_count_characters() -> None:
    assert shown('"éλ" (é)', "(é)").splitlines()[2:] == ["  |", '1 | "éλ" (é)', "  |      ^^^"]


def test_tabs_are_mirrored() -> None:
    assert shown("\ta\t(x)", "(x)").splitlines()[3:] == ["1 | \ta\t(x)", "  | \t \t^^^"]


def test_a_form_of_several_lines_is_clipped_to_its_first() -> None:
    assert shown("(a\n b)\r\n", "(a\n b)").splitlines()[3:] == ["1 | (a", "  | ^^"]
    assert shown("(a\r\n b)", "(a\r\n b)").splitlines()[3:] == ["1 | (a", "  | ^^"]


def test_the_end_of_the_text_has_a_caret() -> None:
    source = Source("t", "(a\n")
    assert render([Diagnostic("x", "m", 3, 3)], source).splitlines()[1:] == [" --> t:2:1", "  |", "2 |", "  | ^"]
    assert "--> t:2:1" in render([Diagnostic("x", "m", 900, 905)], source)


def test_several_findings_are_parted_by_an_empty_line() -> None:
    source = Source("t", "(a)")
    one, two = Diagnostic("one", "m", 0, 1), Diagnostic("two", "m", 1, 2, severity="warning")
    assert render([one, two], source) == render([one], source) + "\n" + render([two], source)
    assert "warning[two]: m" in render([two], source)
    assert render([], source) == ""


def test_notes_of_several_lines_stay_aligned() -> None:
    assert shown("(a)", "a", notes=(("note", "one\ntwo"),)).splitlines()[5:] == ["  = note: one", "          two"]


def test_a_long_line_is_shown_around_the_place() -> None:
    *_, line, carets = shown("a " * 5000 + "(here)" + " b" * 5000, "(here)").splitlines()
    assert len(line) < LONGEST_LINE + 10
    place = line.index("(here)")
    assert carets[place:] == "^" * 6
    assert carets[:place].strip(" |") == ""


def test_nothing_moves_the_cursor_of_a_terminal() -> None:
    text = shown('(a "\x1b[2J\r\u202e") (b)', "(b)", source_name="t")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)
    line, carets = text.splitlines()[3:5]
    assert line.index("(b)") == carets.index("^^^")


def test_color_changes_nothing_else() -> None:
    source = Source("t", "(a)")
    diagnostics = [Diagnostic("x", "m", 0, 3, notes=(("help", "h"),))]
    colored = render(diagnostics, source, color=True)
    assert "\x1b[" in colored
    assert re.sub("\x1b\\[[0-9;]*m", "", colored) == render(diagnostics, source)


def test_brief_is_one_line() -> None:
    assert brief(Diagnostic("x", "a\nb", 4, 5), Source("p.tatara", "(a\n b)")) == "p.tatara:2:2: error[x]: a␊b"
