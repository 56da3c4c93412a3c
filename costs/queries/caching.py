"""What the provider's cache saved, and what has no price: from tokens by model and the prices.

Cached tokens are priced as if they had been sent anew: the price of uncached input less that of
the cache, and less what writing into it costs over plain input. Where a model has no price for
either, what it saved is not known, and said so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal

from pricing.card import Card
from pricing.pricer import PRICER
from traces.queries.usage import SpanFigures

MILLION = 10**6


@dataclass(frozen=True)
class Cached:
    """Nano-dollars saved; negative where writing cost more. `unknown` tokens have no price."""

    saved: int = 0
    tokens: int = 0  # read from the cache
    unknown: int = 0  # of these, those of models without a price

    @property
    def is_known(self) -> bool:
        """Whether anything of it is known."""
        return self.tokens > self.unknown or not self.tokens


def cached_of(project_id: int, rows: Iterable[SpanFigures]) -> Cached:
    """Of rows by `(day, model, provider)`. Prices are those of noon, of calls up to any tier."""
    saved = tokens = unknown = 0
    table = PRICER.table(project_id)
    rates: dict[int, tuple[object, tuple[int, int] | None]] = {}  # by the identity of a card
    for one in rows:
        read, written = one.tokens["in_cached"], one.tokens["in_cache_write"]
        if not read and not written:
            continue
        tokens += read
        day, model, provider = one.key
        noon = datetime.combine(day, time(12), UTC)
        card = table.card(provider or None, model or None, None, int(noon.timestamp()) * MILLION)
        if id(card) not in rates:
            rates[id(card)] = (card, _differences(card) if isinstance(card, Card) else None)
        rate = rates[id(card)][1]
        if rate is None:
            unknown += read
            continue
        saved += (read * rate[0] + written * rate[1]) // MILLION
    return Cached(saved, tokens, unknown)


def _differences(card: Card) -> tuple[int, int] | None:
    """Nano-dollars of a million tokens: uncached less cached, uncached less written."""
    prices = card.prices()
    plain = prices.get("in_uncached")
    if plain is None:
        return None
    cached = prices.get("in_cached", plain)
    written = prices.get("in_cache_write", plain)
    return _nano(plain - cached), _nano(plain - written)


def _nano(usd: Decimal) -> int:
    return int(usd * 10**9)


@dataclass(frozen=True)
class Unpriced:
    """Tokens of calls without a price: their share of all, and how many models have none."""

    share: float | None  # None where no call said how many
    models: int  # of which no call of a day that said tokens has a price
    calls: int


def unpriced_of(rows: Iterable[SpanFigures]) -> Unpriced:
    """Of rows by `(day, model, provider)`; a row that is partly priced counts by its calls."""
    tokens = calls = 0
    without = 0.0
    models = set()
    for one in rows:
        used = one.tokens_in + one.tokens_out
        tokens += used
        if one.unpriced:
            calls += one.unpriced
            if used and one.unpriced >= one.calls:
                models.add(one.key[1])
            without += used * one.unpriced / max(one.calls, one.unpriced)
    return Unpriced(without / tokens if tokens else None, len(models), calls)
