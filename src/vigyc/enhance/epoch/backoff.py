"""From how often an epoch has failed to when its issue is tried again.

The delay doubles, up to a most, and is up to a quarter shorter: by as much as the issue's id says, so that issues that
failed together do not come back together, and the same issue waits as long wherever that is worked out.
"""

from __future__ import annotations

from zlib import crc32

from vigyc.model.enhance_setting import EnhanceSetting


def delay_ms(setting: EnhanceSetting, issue_id: str, attempts: int) -> int:
    """The ms to wait after `attempts` of them, at least 1."""
    whole: int = min(setting.backoff_ms * 2 ** min(max(attempts - 1, 0), 40), setting.backoff_max_ms)
    share = crc32(f"{issue_id} {attempts}".encode("utf-8", "surrogatepass")) % 1000
    return max(whole - whole * share // 4000, 1)
