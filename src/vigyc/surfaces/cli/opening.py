"""From a login link to a browser that is at it, without the link standing in the list of processes.

Whoever uses this machine can read the arguments of a program that is started, and a login link is good for the first
who uses it. So the browser is given the name of a file that only its owner can read, which sends it on.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
import threading
import webbrowser
from html import escape
from pathlib import Path
from typing import Final

_PAGE: Final = """<!doctype html>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url={link}">
<title>vigyc</title>
<p>To the dashboard: <a href="{link}">log in</a>.</p>
"""


def open_in_browser(link: str) -> None:
    """Open `link`; what was made for that is gone when this process ends."""
    folder = tempfile.mkdtemp(prefix="vigyc-login-")  # its mode is 0700
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    page = Path(folder) / "login.html"
    page.touch(0o600)
    page.write_text(_PAGE.format(link=escape(link)), encoding="utf-8")
    threading.Thread(target=webbrowser.open, args=(page.as_uri(),), daemon=True).start()
