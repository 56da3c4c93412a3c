"""The price of one call, in whole nano-dollars. Pure.

There is no price table yet: a cost that the sender gave counts, everything else is unpriced.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from enum import IntEnum
from typing import Any

NANO = Decimal(10) ** 9
MOST_NANO = 2**63 - 1


class CostSource(IntEnum):
    """Where a stored cost comes from."""

    GIVEN = 1  # the sender said so
    TABLE = 2  # computed from a price table


def given_cost(given: dict[str, Any] | None, *, failed: bool) -> int | None:
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
