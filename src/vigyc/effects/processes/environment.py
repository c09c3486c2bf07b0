"""From the variables a program gives to the environment of a child: nothing of ours is in it.

A child has a fixed PATH, a fixed LANG and what it was given. Variables that make programs load or run something are
refused: through them a granted program would do what its grant does not say. No such list can be whole, so a program
that takes commands from a variable of its own must not be granted with arguments in the hope that these confine it.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Final

from vigyc.effects.result import EffectFailed
from vigyc.effects.scopes.program import TRUSTED_PATH

MARK: Final = "VIGYC_CHILD"
_REFUSED: Final = (
    "PATH", "IFS", "ENV", "HOME", "SHELL", "SHELLOPTS", "CDPATH", "PS4", "PROMPT_COMMAND", "VISUAL", "BROWSER",
    "TMPDIR", "LD_*", "DYLD_*", "*_PRELOAD", "GCONV_PATH", "LOCPATH", "NLSPATH", "HOSTALIASES", "RES_OPTIONS",
    "GLIBC_TUNABLES", "BASH*", "ZDOTDIR", "PYTHON*", "PERL*", "RUBY*", "GEM_*", "BUNDLE_*", "NODE_*", "NPM_*",
    "JAVA_*", "_JAVA_*", "JDK_*", "CLASSPATH", "PHP*", "LUA_*", "GUILE_*", "GIT_*", "SSH_*", "SVN_*", "HG*",
    "*PAGER", "*EDITOR", "LESS*", "MAN*", "XDG_*", "OPENSSL_*", "SSLKEYLOGFILE", "CURL_HOME", "WGETRC",
    "TAR_OPTIONS", "RSYNC_*", "MAKEFLAGS", "CC", "CXX", "RUSTC*", "CARGO_*", "GO*", "DOCKER_*", "KUBECONFIG",
    "DOTNET_*", "CORECLR_*", "AWKPATH", "AWKLIBPATH", "TCL*", "R_*", "JULIA_*", "ERL_*", "GHC*", "MAKEFILES",
    "VIMINIT", "EXINIT", "INPUTRC", "GCC_EXEC_PREFIX", "COMPILER_PATH", "GTK_*", "GIO_*", "QT_*", "*_ASKPASS",
    "VIGYC*",
)  # fmt: skip


def environment(given: Mapping[str, str], mark: str) -> dict[str, str]:
    """The environment of a child that is given `given`; `mark` is how its offspring are known. Raises EffectFailed."""
    for name, value in given.items():
        if not name.isascii() or not name.replace("_", "a").isalnum() or name[0].isdigit() or "\0" in value:
            raise EffectFailed(
                "bad-variable", "a variable has a name of letters, digits and _, and no NUL in its value"
            )
        if any(fnmatchcase(name.upper(), pattern) for pattern in _REFUSED):
            raise EffectFailed("bad-variable", f"the variable {name} cannot be given to a program")
    return {"PATH": TRUSTED_PATH, "LANG": "C.UTF-8", **given, MARK: mark}
