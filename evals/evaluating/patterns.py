"""Patterns that people write, in linear time: RE2. Pure."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import re2

FLAGS = frozenset("imsU")


@lru_cache(maxsize=256)
def pattern_of(pattern: str, flags: str = "") -> Any:
    """A compiled pattern; flags are letters of `imsU`. Raises: ValueError, saying why."""
    letters = "".join(sorted(set(flags)))
    if set(letters) - FLAGS:
        raise ValueError("flags are letters of i, m, s and U")
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(f"(?{letters}){pattern}" if letters else pattern, options)
    except re2.error as error:
        said = error.args[0] if error.args else "it is none"
        text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        raise ValueError(text) from None
