"""Why spend is not what was planned: by volume, tokens of a request, cache, mix of tokens, price.

The parts are those of the logarithmic mean Divisia index, so they add up to the whole deviation.
Source: Ang, Energy Policy 33 (2005).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

CACHED = 1
FACTORS = ("volume", "tokens", "cache", "mix", "price")


@dataclass(frozen=True)
class Side:
    """What was planned, or was: requests, tokens by class (as columns of spans), nano-dollars."""

    requests: int
    tokens: Sequence[int]
    nano: int

    @property
    def all_tokens(self) -> int:
        """Of all classes."""
        return sum(self.tokens)


def deviation(planned: Side, actual: Side, prices: Sequence[float | None]) -> Mapping[str, int]:
    """Nano-dollars of `actual` over `planned` by factor; {} where one side has nothing to compare.

    `prices` are the planned ones of each class, in any unit. They add up to the deviation.
    """
    mix_planned = _cost(planned.tokens, prices)
    mix_actual = _cost(actual.tokens, prices)
    between = _cost(_with_cache_of(planned.tokens, actual.tokens), prices)
    parts = (planned.requests, planned.all_tokens, planned.nano,
             actual.requests, actual.all_tokens, actual.nano)  # fmt: skip
    if min(parts) <= 0:
        return {}
    if not (mix_planned and mix_actual and between):
        mix_planned = mix_actual = between = 1.0  # a class without a price: all is told as price
    of_planned, of_actual = planned.all_tokens, actual.all_tokens
    logs = {
        "volume": log(actual.requests / planned.requests),
        "tokens": log(of_actual / actual.requests) - log(of_planned / planned.requests),
        "cache": log(between / mix_planned),
        "mix": log(mix_actual / of_actual) - log(between / of_planned)
        if mix_actual != 1.0
        else 0.0,
    }
    whole = log(actual.nano / planned.nano)
    over = actual.nano - planned.nano
    mean = over / whole if whole else float(actual.nano)
    found = {name: round(mean * part) for name, part in logs.items()}
    found["price"] = over - sum(found.values())
    return found


def _cost(tokens: Sequence[int], prices: Sequence[float | None]) -> float | None:
    total = 0.0
    for number, price in zip(tokens, prices, strict=True):
        if number and price is None:
            return None
        total += number * (price or 0.0)
    return total or None


def _with_cache_of(planned: Sequence[int], actual: Sequence[int]) -> list[int]:
    """The planned tokens, of which as much is read from the cache as was."""
    plain, was = planned[0] + planned[CACHED], actual[0] + actual[CACHED]
    cached = round(plain * actual[CACHED] / was) if was else planned[CACHED]
    return [plain - cached, cached, *planned[2:]]
