"""What macros display is shown when the program is compiled (decision D19)."""

from __future__ import annotations

import pytest

import vigyc


def test_macros_display_on_stderr_while_compiling(capsys: pytest.CaptureFixture[str]) -> None:
    program = vigyc.compile('(defmacro shown () (println "expanding" 1) 5) (display (shown))', cache=False)
    assert capsys.readouterr().err == '"expanding" 1\n'
    host = vigyc.Host()
    assert program.eval(host) is None
    assert host.output == ["5"]
    assert capsys.readouterr() == ("", "")
