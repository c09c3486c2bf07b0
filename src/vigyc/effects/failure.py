"""From what the system said to how an effect failed, in words that name no path of the host."""

from __future__ import annotations

import errno
from typing import Any, Final

from vigyc.effects.result import EffectFailed

_TAGS: Final = {
    errno.ENOENT: "not-found",
    errno.EEXIST: "exists",
    errno.EACCES: "no-permission",
    errno.EPERM: "no-permission",
    errno.EISDIR: "is-folder",
    errno.ENOTDIR: "not-folder",
    errno.ENOTEMPTY: "not-empty",
    errno.ENOSPC: "no-space",
    errno.EDQUOT: "no-space",
    errno.EFBIG: "too-large",
    errno.EROFS: "read-only",
    errno.ENAMETOOLONG: "name-too-long",
    errno.ELOOP: "link-loop",
    errno.EXDEV: "other-device",
    errno.EBUSY: "busy",
    errno.EAGAIN: "busy",
    errno.EINVAL: "invalid",
    errno.ENXIO: "not-file",
    errno.ETIMEDOUT: "timeout",
    errno.ECONNREFUSED: "network",
    errno.ECONNRESET: "network",
    errno.EPIPE: "closed",
}


def failure_of(error: OSError, call: Any) -> EffectFailed:
    """`error`, which `call` met with, as a failure of that effect."""
    tag = "timeout" if isinstance(error, TimeoutError) else _TAGS.get(error.errno or 0, "io-error")
    what = " ".join(dict.fromkeys(decision.resource for decision in call.decisions if decision.resource))
    said = error.strerror or tag
    return EffectFailed(
        tag, f"{call.operation.name} {what}: {said.lower()}" if what else f"{call.operation.name}: {said.lower()}"
    )
