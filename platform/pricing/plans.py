"""What a change of prices does to the periods that stand. Pure: rows in, rows out."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime

from kit.errors import DomainError
from pricing.models import Price
from pricing.terms import Terms, price_of


class PeriodTaken(DomainError):
    """Another price begins within the period."""


@dataclass
class Plan:
    """Rows to end (with the new end), to remove and to make; and the time whose costs change.

    `until` is exclusive; None: open.
    """

    since: datetime
    until: datetime | None
    ends: list[tuple[Price, datetime]] = field(default_factory=list)
    removes: list[Price] = field(default_factory=list)
    makes: list[Price] = field(default_factory=list)  # the first is the one that was asked for

    def after(self, prices: Iterable[Price]) -> list[Price]:
        """All of `prices` as they would stand afterwards; nothing is saved."""
        gone = {price.pk for price in self.removes}
        ends = {price.pk: end for price, end in self.ends}
        kept: list[Price] = []
        for price in prices:
            if price.pk in gone:
                continue
            if price.pk in ends:
                price = copy(price)
                price.valid_to = ends[price.pk]
            kept.append(price)
        return [*kept, *self.makes]


def plan_set(terms: Terms, same: Iterable[Price]) -> Plan:
    """A new price among those of the same provider and pattern.

    The one that runs ends where the new one begins, and goes on after it where the new one has an
    end. A new one without an end lasts until the next that stands. One that begins at the same
    instant is replaced.

    Raises: PeriodTaken where another begins within a period whose end was stated.
    """
    start, end = terms.valid_from, terms.valid_to
    later = sorted(p.valid_from for p in same if p.valid_from > start)
    if end is None and later:
        end = later[0]
    elif later and end is not None and later[0] < end:
        raise PeriodTaken(
            f"From {later[0]:%Y-%m-%d %H:%M} UTC another price holds for this model; end the new "
            "one there, or remove the other first."
        )
    plan = Plan(start, end)
    plan.makes.append(price_of(terms))
    plan.makes[0].valid_to = end
    for price in same:
        if price.valid_from > start or (price.valid_to is not None and price.valid_to <= start):
            continue
        if price.valid_from == start:
            plan.removes.append(price)
        else:
            plan.ends.append((price, start))
        if end is not None and (price.valid_to is None or price.valid_to > end):
            rest = copy(price)
            rest.pk, rest.valid_from = None, end
            rest._state = copy(price._state)
            rest._state.adding = True
            plan.makes.append(rest)
    return plan


def plan_end(price: Price, at: datetime) -> Plan:
    """The price ends earlier. Raises: PeriodTaken where it has not begun or has ended by then."""
    if at <= price.valid_from:
        raise PeriodTaken("It begins then or later; remove it instead.")
    if price.valid_to is not None and at >= price.valid_to:
        raise PeriodTaken(f"It ends at {price.valid_to:%Y-%m-%d %H:%M} UTC already.")
    return Plan(at, price.valid_to, ends=[(price, at)])


def plan_remove(price: Price) -> Plan:
    """The price never was."""
    return Plan(price.valid_from, price.valid_to, removes=[price])
