"""From the rules to the table of them, in the order in which their sentences are tried."""

from __future__ import annotations

from typing import Final

from vigyc.enhance.rewriter.rule import Rule
from vigyc.enhance.rewriter.rules.damp import DAMP
from vigyc.enhance.rewriter.rules.fix_warnings import FIX_WARNINGS
from vigyc.enhance.rewriter.rules.log_when import LOG_WHEN
from vigyc.enhance.rewriter.rules.once import ONCE
from vigyc.enhance.rewriter.rules.rate_limit import RATE_LIMIT
from vigyc.enhance.rewriter.rules.rename import RENAME
from vigyc.enhance.rewriter.rules.rename_emission import RENAME_EMISSION
from vigyc.enhance.rewriter.rules.stop import STOP
from vigyc.enhance.rewriter.rules.threshold import THRESHOLD

RULES: Final[dict[str, Rule]] = {
    rule.name: rule
    for rule in (RATE_LIMIT, DAMP, ONCE, STOP, THRESHOLD, FIX_WARNINGS, RENAME_EMISSION, RENAME, LOG_WHEN)
}
