"""A piece of advice: what it saves a month, how sure that is, and on what it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

from costs.saving.facts import Facts, Key

REPEATS, PREFIX, LONG, CHUNKS, EASY = "repeats", "prefix", "long", "chunks", "easy"
KINDS = (REPEATS, PREFIX, LONG, CHUNKS, EASY)
DOLLAR = 10**9
LEAST = DOLLAR  # a month
LEAST_SHARE = Fraction(1, 200)  # of the month's spend
LEAST_CALLS = 30  # that were read
FEW_DAYS = 3
Rates = Mapping[str, Fraction]  # input, cache read, cache write, output -> nano-dollars a token
RatesOf = Callable[[str, str], Rates | None]  # provider, model


@dataclass(frozen=True)
class Spend:
    """What a key spent in the last thirty days. Money in nano-dollars."""

    cost: int
    calls: int
    into: int


@dataclass(frozen=True)
class Seen:
    """All that is known of one key: its spend, and the facts of each day that was read."""

    key: Key
    spend: Spend
    days: Sequence[Facts]
    total: Facts


@dataclass(frozen=True)
class Advice:
    """Nano-dollars a month, between `low` and `high`; `is_known`: no trial has to tell first."""

    kind: str
    feature: str
    model: str
    prompt: str
    amount: int
    low: int
    high: int
    is_known: bool
    evidence: Sequence[str]
    assumptions: Sequence[str]
    traces: Sequence[str]
    other: str = ""  # the cheaper model


def is_worth_it(amount: int, month: int) -> bool:
    """Whether it is above the floor: a dollar and half a percent of the month's spend."""
    return amount >= LEAST and amount >= month * LEAST_SHARE


def share_range(parts: Sequence[tuple[int, int]]) -> tuple[Fraction, Fraction, Fraction]:
    """A share over days, and its range: two errors of the ratio, from day to day.

    `parts` are (part, whole) of each day. Under three days the range is half to one and a half.
    """
    parts = [(part, whole) for part, whole in parts if whole > 0]
    whole = sum(one for _, one in parts)
    if not whole:
        return Fraction(0), Fraction(0), Fraction(0)
    share = Fraction(sum(one for one, _ in parts), whole)
    if len(parts) < FEW_DAYS:
        return share, share / 2, min(Fraction(1), share * 3 / 2)
    off = [float(part - share * size) for part, size in parts]
    days = len(parts)
    error = sqrt(sum(one * one for one in off) * days / (days - 1)) / whole
    width = Fraction(2 * error).limit_denominator(10**9)
    return share, max(Fraction(0), share - width), min(Fraction(1), share + width)


def together(found: Sequence[Advice], spend: Callable[[str, str], int]) -> int:
    """What all of it saves at most: what one takes away, another cannot save again.

    Of each feature and model, the shares that kinds leave are multiplied.
    """
    shares: dict[tuple[str, str], dict[str, Fraction]] = {}
    for one in found:
        whole = spend(one.feature, one.model)
        if whole > 0:
            of = shares.setdefault((one.feature, one.model), {})
            of[one.kind] = of.get(one.kind, Fraction(0)) + Fraction(one.amount, whole)
    total = 0
    for (feature, model), kinds in shares.items():
        left = Fraction(1)
        for share in kinds.values():
            left *= 1 - min(Fraction(1), share)
        total += int(spend(feature, model) * (1 - left))
    return total
