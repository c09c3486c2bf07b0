"""From a program that does not compile to what is wrong with it, carets and all, on stderr."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

