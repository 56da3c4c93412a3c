"""Who is within the share that is kept: told by the id of a trace alone. Pure."""

from __future__ import annotations

import hashlib
from decimal import Decimal

PARTS = 10_000  # a share is known to a hundredth of a percent


def place_of(trace_id: str) -> int:
    """Where the trace stands among `PARTS`; the same in every process and for every late span."""
    digest = hashlib.sha256(trace_id.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") % PARTS


def is_in_share(trace_id: str, keep_percent: Decimal) -> bool:
    """Whether the trace is kept for its place; a greater share keeps all that a lesser one does."""
    return place_of(trace_id) < keep_percent * (PARTS // 100)
