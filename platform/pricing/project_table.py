"""A project's own prices in front of the base table: which card holds for a call. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pricing.base_table import BASE, DAY_US, MOST_REMEMBERED, provider_id
from pricing.card import EXACT, Card, CostSource, Tier, Unpriced

BATCH = "batch"


@dataclass(frozen=True, slots=True)
class OwnPrice:
    """A price of the project as the table needs it; times in microseconds since 1970.

    Prices and tiers are in USD per million tokens already. Of batch calls every price is
    multiplied by `batch_factor`; None: they cost the same.
    """

    reference: str
    provider: str
    pattern: str
    from_us: int
    to_us: int | None
    tiers: tuple[Tier, ...]
    per_call: Decimal = Decimal(0)
    batch_factor: Decimal | None = None

    def is_of(self, model: str) -> bool:
        """Whether it names `model` (lower case)."""
        if self.pattern.endswith("*"):
            return model.startswith(self.pattern[:-1])
        return model == self.pattern

    @property
    def precedence(self) -> tuple[bool, int, bool]:
        """Greater wins: a whole name, then the longer beginning, then a provider before any."""
        return not self.pattern.endswith("*"), len(self.pattern), bool(self.provider)

    def holds(self, at_us: int) -> bool:
        """Whether it is valid at that instant."""
        return self.from_us <= at_us and (self.to_us is None or at_us < self.to_us)

    def card(self, service: str) -> Card:
        """Its prices for one way of serving."""
        factor = self.batch_factor if service == BATCH and self.batch_factor is not None else None
        if factor is None:
            tiers: Sequence[Tier] = self.tiers
            per_call = self.per_call
        else:
            tiers = [Tier(tier.above, _times(tier.prices, factor)) for tier in self.tiers]
            per_call = EXACT.multiply(self.per_call, factor)
        return Card(tiers, source=CostSource.PROJECT, reference=self.reference, per_call=per_call)


def _times(prices: Mapping[str, Decimal], factor: Decimal) -> dict[str, Decimal]:
    return {name: EXACT.multiply(price, factor) for name, price in prices.items()}


def provider_fits(wanted: str, sent: str | None) -> bool:
    """Whether a price for the provider `wanted` (empty: any) is for calls that name `sent`."""
    if not wanted:
        return True
    return (provider_id(wanted) or wanted) in _names(sent)


def _names(provider: str | None) -> set[str]:
    """A provider as it was sent, and as the base table calls it."""
    names = {(provider or "").strip().lower(), provider_id(provider) or ""}
    return names - {""}


class ProjectTable:
    """Cards for the calls of one project.

    Looked for in this order: a price of the project for the model that answered, one for the model
    that was asked for, the base table's for the one that answered, and for the one asked for.
    """

    def __init__(self, prices: Iterable[OwnPrice] = ()) -> None:
        self.prices = sorted(prices, key=lambda price: price.precedence, reverse=True)
        self._days = {
            edge // DAY_US
            for price in self.prices
            for edge in (price.from_us, price.to_us)
            if edge is not None
        }
        self._found: dict[tuple[str | None, str | None, str | None, str, int], Card | Unpriced] = {}
        self._cards: dict[tuple[str, str], Card] = {}

    def card(
        self,
        provider: str | None,
        model: str | None,
        requested: str | None,
        at_us: int,
        service: str = "",
    ) -> Card | Unpriced:
        """The card that holds for a call, or why there is none. Under 1 us where remembered."""
        day = at_us // DAY_US
        found = self._found.get((provider, model, requested, service, day))
        if found is not None:
            return found
        own = self._own(provider, model, requested, at_us)
        if own is None:
            found = self._base(provider, model, requested, at_us, service)
            if BASE.changes_within_a_day(provider, model, requested):
                return found
        else:
            found = self._card_of(own, service)
        if day not in self._days:  # on a day on which a price begins or ends, the hour matters
            if len(self._found) > MOST_REMEMBERED:
                self._found.clear()
            self._found[(provider, model, requested, service, day)] = found
        return found

    def own_price(
        self, provider: str | None, model: str | None, requested: str | None, at_us: int
    ) -> OwnPrice | None:
        """The price of the project that holds for a call, None where it states none."""
        return self._own(provider, model, requested, at_us)

    def _own(
        self, provider: str | None, model: str | None, requested: str | None, at_us: int
    ) -> OwnPrice | None:
        if not self.prices:
            return None
        names = _names(provider)
        for name in dict.fromkeys((model, requested)):
            if not name:
                continue
            wanted = name.strip().lower()
            for price in self.prices:
                fits = not price.provider or price.provider in names
                if fits and price.is_of(wanted) and price.holds(at_us):
                    return price
        return None

    def _base(
        self,
        provider: str | None,
        model: str | None,
        requested: str | None,
        at_us: int,
        service: str,
    ) -> Card | Unpriced:
        refused: Unpriced | None = None
        for name in dict.fromkeys((model, requested)):
            if not name:
                continue
            found = BASE.card(provider, name, at_us, service)
            if isinstance(found, Card):
                return found
            refused = refused or found
        return refused or Unpriced("the call names no model")

    def _card_of(self, own: OwnPrice, service: str) -> Card:
        key = (own.reference, service if service == BATCH else "")
        card = self._cards.get(key)
        if card is None:
            card = self._cards[key] = own.card(service)
        return card
