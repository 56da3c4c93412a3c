"""What one model charges: prices by token class and tier, kept as exact integers. Pure.

Prices are USD per million tokens. Inside they are integers in a power-of-ten part of a nano-dollar
a token, so a cost is a few integer products: exact, and under 2 us a span.

A class without a price of its own has that of its broader class, as providers bill it:

- `in_cached`, `in_cache_write`, `in_audio`: the price of `in_uncached`;
- `out_reasoning`, `out_audio`: the price of `out_text`;
- a part of a class, named after it (`in_cache_write_1h`): the price of that class; any other
  `in_…` that of `in_uncached`, any other `out_…` that of `out_text`.

`in_uncached` and `out_text` have nothing broader: a call with such tokens and no such price is not
priced. Unknown is not zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal, Inexact
from enum import IntEnum

# The disjoint classes in the order of the columns; `traces.ingest.record` has the same.
TOKEN_CLASSES = (
    "in_uncached",
    "in_cached",
    "in_cache_write",
    "in_audio",
    "out_text",
    "out_reasoning",
    "out_audio",
)
INPUTS = 4  # of these, the first four
Counts = tuple[int | None, int | None, int | None, int | None, int | None, int | None, int | None]

EXACT = Context(prec=120, traps=[Inexact])  # raises rather than rounds


class CostSource(IntEnum):
    """Where a stored cost comes from."""

    GIVEN = 1  # the sender said so
    TABLE = 2  # computed from the base table
    PROJECT = 3  # computed from a price of the project


@dataclass(frozen=True, slots=True)
class Unpriced:
    """No cost can be computed, and why; the text is for people."""

    reason: str


@dataclass(frozen=True, slots=True)
class Tier:
    """Prices of calls with more than `above` input tokens, cached ones included.

    The whole call is charged at them. What a tier does not state stays as in the tier below.
    """

    above: int
    prices: Mapping[str, Decimal]  # class -> USD per million tokens


@dataclass(frozen=True, slots=True)
class Amount:
    """What one class of a call costs: `count` tokens at `per_million` USD, the price of `by`."""

    name: str
    count: int
    by: str
    per_million: Decimal
    usd: Decimal


@dataclass(frozen=True, slots=True)
class Priced:
    """The exact amounts of one call and their sum, rounded half-even once, in nano-dollars."""

    amounts: tuple[Amount, ...]
    per_call: Decimal
    cost_nano: int
    card: Card
    tier_above: int

    @property
    def usd(self) -> Decimal:
        """The sum before it is rounded."""
        total = self.per_call
        for amount in self.amounts:
            total = EXACT.add(total, amount.usd)
        return total


def class_of(name: str) -> str:
    """The class whose tokens include those of `name`; a class itself is its own."""
    if name in TOKEN_CLASSES:
        return name
    for whole in ("in_cache_write", "in_cached", "in_audio", "out_reasoning", "out_audio"):
        if name.startswith(f"{whole}_"):
            return whole
    return "out_text" if name.startswith("out_") else "in_uncached"


def _broader(name: str) -> str | None:
    whole = class_of(name)
    if whole != name:
        return whole
    root = "out_text" if name.startswith("out_") else "in_uncached"
    return None if name == root else root


@dataclass(frozen=True, slots=True)
class _Level:
    """A tier worked out: a rate for each class and each part that has a price of its own."""

    above: int
    known: tuple[int | None, ...]
    rates: tuple[int, ...]  # the same with 0 for what is not known
    is_whole: bool  # every class has a rate
    parts: Mapping[str, int]
    prices: Mapping[str, Decimal]
    charges_input: bool
    charges_output: bool


class Card:
    """The prices of one model at one time.

    `source` says who states them, `reference` which price or version of the table it is, `since`
    from when on they hold (None: always).
    """

    __slots__ = ("_digits", "_levels", "_per_call", "_unit", "per_call", "reference", "since",
                 "source")  # fmt: skip

    def __init__(
        self,
        tiers: Sequence[Tier],
        *,
        source: CostSource,
        reference: str,
        per_call: Decimal = Decimal(0),
        since: date | None = None,
    ) -> None:
        self.source = source
        self.reference = reference
        self.since = since
        self.per_call = per_call
        stated = [price for tier in tiers for price in tier.prices.values()]
        # Decimals of a nano-dollar that are needed: a dollar per million tokens is 1,000 nano each.
        self._digits = max([0, *(_places(p) - 3 for p in stated), _places(per_call) - 9])
        self._unit = 10**self._digits
        self._per_call = _whole(per_call, 9 + self._digits)
        levels: list[_Level] = []
        prices: dict[str, Decimal] = {}
        for tier in sorted(tiers, key=lambda tier: tier.above):
            prices = {**prices, **tier.prices}
            levels.append(self._level(tier.above, prices))
        self._levels = tuple(reversed(levels)) or (self._level(0, {}),)

    def _level(self, above: int, prices: Mapping[str, Decimal]) -> _Level:
        whole = {name: _whole(price, 3 + self._digits) for name, price in prices.items()}
        known = tuple(whole.get(_priced_by(name, prices) or "") for name in TOKEN_CLASSES)
        rates = tuple(rate or 0 for rate in known)
        parts = {name: rate for name, rate in whole.items() if name not in TOKEN_CLASSES}
        sides = [
            any(rate for name, rate in whole.items() if name.startswith(side))
            for side in ("in_", "out_")
        ]
        return _Level(
            above, known, rates, None not in known, parts, dict(prices), sides[0], sides[1]
        )

    def nano(
        self, counts: Counts, details: Mapping[str, int] | None = None, *, generates: bool = True
    ) -> int | None:
        """The cost in whole nano-dollars; None where `why_not` says why.

        `details` are parts of classes by name; parts beyond their class do not count.
        `generates` is False for embeddings and rerankers, which have no output.
        """
        level = self._levels[0] if len(self._levels) == 1 else self._level_for(counts)
        uncached, cached, written, audio, text, reasoning, spoken = counts
        if level.charges_input and (
            uncached is None and cached is None and written is None and audio is None
        ):
            return None
        if (
            level.charges_output
            and generates
            and (text is None and reasoning is None and spoken is None)
        ):
            return None
        total = self._per_call
        if level.is_whole:  # unrolled: a third faster, and nearly every card is whole
            a, b, c, d, e, f, g = level.rates
            if uncached:
                total += uncached * a
            if cached:
                total += cached * b
            if written:
                total += written * c
            if audio:
                total += audio * d
            if text:
                total += text * e
            if reasoning:
                total += reasoning * f
            if spoken:
                total += spoken * g
        else:
            for count, rate in zip(counts, level.known, strict=True):
                if count:
                    if rate is None:
                        return None
                    total += count * rate
        if details and level.parts:
            for _, count, rate, whole in _parts(level, counts, details):
                total += count * (rate - whole)
        return _rounded(total, self._unit)

    def why_not(self, counts: Counts, *, generates: bool = True) -> str:
        """Why `nano` is None, for people."""
        level = self._level_for(counts)
        for name, count, rate in zip(TOKEN_CLASSES, counts, level.known, strict=True):
            if count and rate is None:
                return f"there is no price for {_side(name)} tokens"
        if level.charges_input and all(count is None for count in counts[:INPUTS]):
            return "the number of input tokens is not known"
        return "the number of output tokens is not known"

    def priced(
        self, counts: Counts, details: Mapping[str, int] | None = None, *, generates: bool = True
    ) -> Priced | Unpriced:
        """The exact amount of each class, and their sum."""
        nano = self.nano(counts, details, generates=generates)
        if nano is None:
            return Unpriced(self.why_not(counts, generates=generates))
        level = self._level_for(counts)
        left = {name: count or 0 for name, count in zip(TOKEN_CLASSES, counts, strict=True)}
        named: list[tuple[str, int]] = []
        for name, count, _, _ in _parts(level, counts, details or {}):
            left[class_of(name)] -= count
            named.append((name, count))
        amounts = [
            self._amount(level, name, count) for name, count in [*left.items(), *named] if count
        ]
        return Priced(tuple(amounts), self.per_call, nano, self, level.above)

    def prices(self, input_tokens: int = 0) -> Mapping[str, Decimal]:
        """The stated prices that hold for a call with so many input tokens."""
        return self._level_for((input_tokens, None, None, None, None, None, None)).prices

    @property
    def tiers(self) -> list[Tier]:
        """The tiers from the lowest up, each with all its prices."""
        return [Tier(level.above, level.prices) for level in reversed(self._levels)]

    def _amount(self, level: _Level, name: str, count: int) -> Amount:
        by = _priced_by(name, level.prices) or name
        price = level.prices[by]
        return Amount(name, count, by, price, EXACT.scaleb(EXACT.multiply(price, count), -6))

    def _level_for(self, counts: Counts) -> _Level:
        tokens = (counts[0] or 0) + (counts[1] or 0) + (counts[2] or 0) + (counts[3] or 0)
        for level in self._levels:
            if tokens > level.above:
                return level
        return self._levels[-1]


def _parts(
    level: _Level, counts: Counts, details: Mapping[str, int]
) -> Iterator[tuple[str, int, int, int]]:
    """Name, count, rate and rate of the class, of each part with a price of its own.

    Sorted by name, so that the result does not depend on the order of the record.
    """
    left = dict(zip(TOKEN_CLASSES, counts, strict=True))
    for name in sorted(details):
        rate = level.parts.get(name)
        if rate is None:
            continue
        whole = class_of(name)
        count = min(details[name], left[whole] or 0)
        of_class = level.known[TOKEN_CLASSES.index(whole)]
        if count <= 0 or of_class is None:
            continue
        left[whole] = (left[whole] or 0) - count
        yield name, count, rate, of_class


def _priced_by(name: str, prices: Mapping[str, Decimal]) -> str | None:
    """The class whose price `name` has; None where even the broadest has none."""
    seeking: str | None = name
    while seeking is not None and seeking not in prices:
        seeking = _broader(seeking)
    return seeking


def _places(amount: Decimal) -> int:
    exponent = amount.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def _whole(amount: Decimal, digits: int) -> int:
    return int(EXACT.scaleb(amount, digits))


def _rounded(total: int, unit: int) -> int:
    """`total / unit`, half to even."""
    whole, rest = divmod(total, unit)
    if rest * 2 > unit or (rest * 2 == unit and whole & 1):
        whole += 1
    return whole


def _side(name: str) -> str:
    return "output" if name.startswith("out_") else "input"
