"""The price of a token of each class by a project's price table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from fractions import Fraction

from costs.invoicing.items import CACHED, CLASSES, INPUT, OUTPUT, WRITE
from pricing.card import Unpriced
from pricing.pricer import PRICER

NANO_A_TOKEN = 1000  # a dollar per million tokens
_PRICED_BY = {
    INPUT: ("in_uncached",),
    CACHED: ("in_cached", "in_uncached"),
    WRITE: ("in_cache_write", "in_uncached"),
    OUTPUT: ("out_text",),
}


class RateTable:
    """Prices at noon of a day, nano-dollars a token by coarse class.

    Of tiers by the length of a call, the lowest: sums do not tell how long calls were.
    """

    def __init__(self, project_id: int) -> None:
        self._table = PRICER.table(project_id)
        self._known: dict[tuple[str, str, date], Mapping[str, Fraction] | None] = {}

    def of(self, provider: str, model: str, day: date) -> Mapping[str, Fraction] | None:
        """The rates of a model; None where nothing has a price for its input."""
        key = (provider, model, day)
        if key not in self._known:
            noon = int(datetime.combine(day, time(12), UTC).timestamp()) * 10**6
            card = self._table.card(provider or None, model, None, noon)
            prices = {} if isinstance(card, Unpriced) else card.prices()
            rates = {}
            for token_class in CLASSES:
                by = next((one for one in _PRICED_BY[token_class] if one in prices), None)
                if by is not None:
                    rates[token_class] = Fraction(prices[by]) * NANO_A_TOKEN
            self._known[key] = rates if INPUT in rates else None
        return self._known[key]
