"""How often a process looks for garbage."""

from __future__ import annotations

import gc


def tune_collector() -> None:
    """Look more rarely, and never at what stands already.

    Decoding makes many objects and no cycles: the default thresholds cost a third of it.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
