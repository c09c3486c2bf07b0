"""From a file or directory that is its owner's affair to whether it is."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from vigyc.service.check_result import FAIL, OK, WARN, CheckResult


def check_private(subject: str, path: Path) -> CheckResult:
    """Whether `path`, if it is there, can be used by this user and by nobody else."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return CheckResult(subject, OK, f"{path}: not there yet")
    except OSError as error:
        return CheckResult(
            subject, FAIL, f"{path}: {(error.strerror or str(error)).lower()}", "see who owns its directory"
        )
    if not os.access(path, os.R_OK | os.W_OK):
        return CheckResult(subject, FAIL, f"{path} cannot be read and written", f"chmod u+rw {path}, as its owner")
    if os.name == "posix" and stat.S_IMODE(found.st_mode) & 0o077:
        return CheckResult(subject, WARN, f"{path} is open to others", f"chmod go= {path}")
    return CheckResult(subject, OK, str(path))
