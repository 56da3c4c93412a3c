"""The price of one call, in whole nano-dollars, and which cost counts. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any, Protocol

from pricing.card import Card, CostSource, Counts, Priced, Unpriced

__all__ = ["Call", "CostSource", "PriceTable", "given_cost", "price", "settle", "usd"]

NANO = Decimal(10) ** 9
MOST_NANO = 2**63 - 1
NO_COUNTS: Counts = (None, None, None, None, None, None, None)


@dataclass(frozen=True, slots=True)
class Call:
    """What decides the price of one call.

    `at_us` is its start in microseconds since 1970. `service` is how it was served: empty for
    the standard way, `batch`, `flex`, `priority` or `fast`. `details` are parts of token classes,
    named after them. Embeddings and rerankers do not `generate`.
    """

    provider: str | None
    model: str | None
    at_us: int
    counts: Counts = NO_COUNTS
    details: Mapping[str, int] | None = None
    model_requested: str | None = None
    service: str = ""
    generates: bool = True


class PriceTable(Protocol):
    """Finds the prices of a model."""

    def card(
        self,
        provider: str | None,
        model: str | None,
        requested: str | None,
        at_us: int,
        service: str = "",
    ) -> Card | Unpriced:
        """The card that holds, or why there is none."""


def price(call: Call, table: PriceTable) -> Priced | Unpriced:
    """The exact amounts of `call` by class, summed and rounded once; or why there are none."""
    card = table.card(call.provider, call.model, call.model_requested, call.at_us, call.service)
    if isinstance(card, Unpriced):
        return card
    return card.priced(call.counts, call.details, generates=call.generates)


def settle(
    ours: int | None,
    source: CostSource | None,
    given: Mapping[str, Any] | None,
    *,
    failed: bool = False,
) -> tuple[int | None, CostSource | None]:
    """The cost that counts, and whose it is.

    1. Computed from a price of the project: that counts, whatever the sender gave; the project has
       said what it pays.
    2. Computed from the base table, and the sender gave none, or the same within 1 % or within the
       digits it gave: ours counts, because it is exact.
    3. They disagree: the given one counts. The sender knew what the tokens do not tell: a discount,
       cached tokens that its record lost, a fee for a tool. A given zero says nothing against
       counted tokens: libraries send it for models they do not know.
    4. Not computed: the given one counts, where there is one.

    Both are kept, and `disagree` tells where they differ.
    """
    if ours is not None and source is CostSource.PROJECT:
        return ours, source
    said = given_cost(given, failed=failed) if given else None
    if ours is None:
        return said, CostSource.GIVEN if said is not None else None
    if said and disagree(ours, said, given):
        return said, CostSource.GIVEN
    return ours, source


def disagree(ours: int, said: int, given: Mapping[str, Any] | None = None) -> bool:
    """Whether two costs in nano-dollars differ by more than 1 % and by more than rounding.

    With `given` as it was sent, a cost that is ours written with fewer digits agrees.
    """
    apart = abs(ours - said)
    if apart * 100 <= max(ours, said):
        return False
    return apart > _half_a_digit(given)


def _half_a_digit(given: Mapping[str, Any] | None) -> int:
    """Half of the last decimal of the given total in nano-dollars; 0 where there are parts only.

    From the sixth decimal on: senders round to six, and two or three may as well be a whole price.
    """
    total = _decimal(given.get("total")) if given else None
    exponent = total.as_tuple().exponent if total is not None else None
    if not isinstance(exponent, int) or exponent > -6:
        return 0
    return int(NANO.scaleb(exponent) / 2)


def given_cost(given: Mapping[str, Any] | None, *, failed: bool) -> int | None:
    """Nano-dollars of the cost the sender gave, rounded half-even; None where it gave none.

    `given` is `{"input", "output", "total"}` in USD as number or text. Without a total the parts
    are added. A zero on a failed call is a default of the sender's library, not a cost.
    """
    if not given:
        return None
    total = _decimal(given.get("total"))
    if total is None:
        parts = [_decimal(given.get("input")), _decimal(given.get("output"))]
        known = [part for part in parts if part is not None]
        if not known:
            return None
        total = sum(known, Decimal(0))
    if total < 0 or (total == 0 and failed):
        return None
    nano = int((total * NANO).to_integral_value(ROUND_HALF_EVEN))
    return nano if nano <= MOST_NANO else None


def _decimal(value: Any) -> Decimal | None:
    if value is None or isinstance(value, bool):
        return None
    try:
        # Through text: the shortest form of a float is what its sender meant.
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def usd(nano: int | None) -> str | None:
    """Nano-dollars as decimal text in USD without needless zeros; None stays None."""
    if nano is None:
        return None
    whole, rest = divmod(abs(nano), 10**9)
    text = f"{whole}.{rest:09d}".rstrip("0").rstrip(".")
    return f"-{text}" if nano < 0 else text
