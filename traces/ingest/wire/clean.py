"""Make text and values storable: cut to the limits, mark each cut, drop what PostgreSQL refuses."""

from __future__ import annotations

import base64
import re
from math import isfinite
from typing import Any

from traces.ingest.wire.limits import MAX_MARKS, Limits

# A lone half of a surrogate pair: not text. Lenient decoders leave undecodable bytes as these.
_SURROGATES = re.compile("[\ud800-\udfff]")
_INT64_MIN, _UINT64_MAX = -(2**63), 2**64 - 1


class Cleaner:
    """Cuts values to the limits and writes a mark for each cut into `cuts`.

    One for a request; the caller points `cuts` at the list of the span in hand. `lenient` is set
    when the body did not decode strictly, so that text may hold surrogates.
    """

    __slots__ = ("cuts", "lenient", "limits")

    def __init__(self, limits: Limits, *, lenient: bool = False) -> None:
        self.limits = limits
        self.lenient = lenient
        self.cuts: list[dict[str, Any]] = []

    def mark(self, where: str, why: str, limit: int | None = None, was: Any = None) -> None:
        """Note a cut: where, why (length, count, depth, nul, utf-8 …), the limit and what was."""
        if len(self.cuts) < MAX_MARKS:
            # The place may name a key as it was sent.
            where = _SURROGATES.sub("\ufffd", where[:300].replace("\0", ""))
            self.cuts.append({"where": where, "limit": limit, "was": was, "why": why})
            return
        last = self.cuts[-1]
        if last["why"] != "marks":
            self.cuts.append(
                {"where": "cuts", "limit": MAX_MARKS, "was": MAX_MARKS, "why": "marks"}
            )
            last = self.cuts[-1]
        last["was"] += 1

    def text(self, value: str, where: str, limit: int | None = None) -> str:
        """Return the text without NUL and surrogates, at most `limit` characters long."""
        limit = self.limits.text if limit is None else limit
        if "\0" in value:
            self.mark(where, "nul", 0, value.count("\0"))
            value = value.replace("\0", "")
        if len(value) > limit:
            self.mark(where, "length", limit, len(value))
            value = value[:limit]
        if self.lenient and not value.isascii():
            value, count = _SURROGATES.subn("\ufffd", value)
            if count:
                self.mark(where, "utf-8", 0, count)
        return value

    def value(self, value: Any, where: str) -> Any:
        """Return a JSON-like value with every text, depth and number of elements within limits."""
        return self._value(value, where, self.limits.depth, [self.limits.items])

    def _value(self, value: Any, where: str, depth: int, budget: list[int]) -> Any:
        if isinstance(value, str):
            return self.text(value, where)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int):
            # JSON writers stop at 64 bits; a longer number is kept as its digits.
            if _INT64_MIN <= value <= _UINT64_MAX:
                return value
            return f"{value:d}" if value.bit_length() < 4_000 else f"{value:#x}"[: self.limits.text]
        if isinstance(value, float):
            return value if isfinite(value) else not_finite(value)
        if isinstance(value, bytes):
            return self.text(base64.b64encode(value).decode("ascii"), where)
        if depth <= 0:
            self.mark(where, "depth", self.limits.depth)
            return None
        if isinstance(value, dict):
            return self._mapping(value, where, depth, budget)
        return self._sequence(list(value), where, depth, budget)

    def _mapping(self, value: dict[Any, Any], where: str, depth: int, budget: list[int]) -> Any:
        kept: dict[str, Any] = {}
        for index, (key, inner) in enumerate(value.items()):
            if budget[0] <= 0:
                self.mark(where, "count", self.limits.items, len(value) - index)
                break
            budget[0] -= 1
            name = self.key(str(key), where)
            kept[name] = self._value(inner, f"{where}.{name}", depth - 1, budget)
        return kept

    def _sequence(self, value: list[Any], where: str, depth: int, budget: list[int]) -> Any:
        kept: list[Any] = []
        for index, inner in enumerate(value):
            if budget[0] <= 0:
                self.mark(where, "count", self.limits.items, len(value) - index)
                break
            budget[0] -= 1
            kept.append(self._value(inner, f"{where}[{index}]", depth - 1, budget))
        return kept

    def key(self, key: str, where: str) -> str:
        """Return an attribute name within its limit."""
        if len(key) <= self.limits.key and "\0" not in key and not self.lenient:
            return key
        return self.text(key, f"{where}.{key[:100]}", self.limits.key)


def not_finite(value: float) -> str:
    """Return the word OTLP/JSON uses for a float JSON cannot write."""
    if value != value:
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"
