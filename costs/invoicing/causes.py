"""Why a model's day was billed otherwise than traces say, each cause on its own evidence.

With the price p of a token of each class, the difference falls apart exactly:

    billed - ours = (p·billed tokens - p·our tokens)   calls that no trace tells of
                  + (p·our tokens - ours)              calls without a price
                  + (billed - p·billed tokens)         another price

A part without evidence stays in the remainder.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from costs.invoicing.items import CLASSES, CREDIT, TAX, TOOL
from costs.invoicing.sides import Cause, Cell

NOT_A_MODEL = "Not of a model"
LEAST_SHARE = Fraction(1, 200)  # a cause under half a percent of what was billed is none
CENT = 10_000_000  # nano-dollars; providers that round, round to it
Rates = Mapping[str, Fraction]  # class -> nano-dollars a token
RatesOf = Callable[[Cell], Rates | None]


@dataclass(frozen=True)
class Around:
    """What is known beyond a cell: models in traces, models on the bill, and when it ends."""

    seen: Collection[str]
    said: Collection[str]
    last: date  # the last day of the export
    exported: date  # the day it came: that one was not over


def causes_of(cell: Cell, rates: RatesOf, around: Around) -> list[Cause]:
    """The causes of a cell's difference; none of them comes to nothing."""
    return [one for one in _causes(cell, rates, around) if one.amount != 0]


def _causes(cell: Cell, rates: RatesOf, around: Around) -> list[Cause]:
    if cell.billed is None or cell.day is None:
        return []
    if cell.model == NOT_A_MODEL:
        return _lines_of(cell)
    difference = cell.billed - cell.ours
    if cell.model not in around.seen and cell.billed:
        return [Cause("unknown_model", difference, f"no trace names {cell.model}")]
    if cell.model not in around.said and cell.ours:
        return [Cause("unbilled", difference, f"the export does not have {cell.model}")]
    if cell.day >= around.exported and difference < 0:
        return [Cause("incomplete", difference, f"{cell.day} was not over when it was exported")]
    if not cell.lines and cell.ours:
        told = f"nothing of it is billed on {cell.day}, and traces have {cell.calls:,} calls"
        kind = "incomplete" if cell.day == around.last else "beyond"
        return [Cause(kind, difference, told)]
    if not cell.calls and cell.billed > 0:
        return [Cause("untraced", difference, f"traces have no call of it on {cell.day}")]
    if cell.billed_tokens is None or not any(cell.billed_tokens.values()):
        return _by_money(cell, rates, difference)
    return _by_tokens(cell, rates, around)


def _by_money(cell: Cell, rates: RatesOf, difference: int) -> list[Cause]:
    """What amounts alone say."""
    if not cell.unpriced or not difference:
        return []
    told = f"{cell.unpriced:,} of {cell.calls:,} calls have no price"
    if cell.unpriced == cell.calls:
        return [Cause("unpriced", difference, told)] if difference > 0 else []
    known = rates(cell)
    missing = _at(known, cell.our_tokens) - cell.ours if known is not None else None
    if missing is not None and abs(missing) <= cell.calls:  # all tokens that were said are priced
        told = f"{cell.unpriced:,} of {cell.calls:,} calls say no tokens"
        return [Cause("tokenless", None, told)]
    if missing is not None and not 0 < missing <= max(difference, 0):
        missing = None
    return [Cause("unpriced", missing, told)]


def _by_tokens(cell: Cell, rates: RatesOf, around: Around) -> list[Cause]:
    assert cell.billed is not None  # noqa: S101
    assert cell.billed_tokens is not None  # noqa: S101
    listed = rates(cell)
    prices = listed if listed is not None else _implied(cell)
    theirs, ours = _at(prices, cell.billed_tokens), _at(prices, cell.our_tokens)
    floor = max(_rounding(cell), int(abs(cell.billed) * LEAST_SHARE))
    found = []
    if abs(theirs - ours) > floor:
        found.append(_volume(cell, theirs - ours, around))
    if cell.unpriced and ours > cell.ours:
        told = f"{cell.unpriced:,} of {cell.calls:,} calls have no price"
        found.append(Cause("unpriced", ours - cell.ours, told))
    price = cell.billed - theirs
    if listed is not None and abs(price) > floor:
        found.append(_price(cell, price, theirs))
    return found


def _volume(cell: Cell, amount: int, around: Around) -> Cause:
    tokens = cell.token_difference or 0
    if amount > 0:
        told = "tokens are billed in dearer classes than traces have"
        return Cause(
            "untraced", amount,
            f"{tokens:,} tokens are billed that no trace has" if tokens > 0 else told,
        )  # fmt: skip
    if cell.day == around.last and tokens < 0:
        told = f"{cell.day} is the last day of the export, and may not have been over"
        return Cause("incomplete", amount, told)
    told = "traces have tokens in dearer classes than are billed"
    if tokens < 0:
        told = f"traces have {-tokens:,} tokens that are not billed"
    return Cause("beyond", amount, told)


def _rounding(cell: Cell) -> int:
    """What rounding to cents may come to: half a cent a line where all amounts are in cents."""
    costs = [line.cost for line in cell.lines if line.cost is not None]
    return len(costs) * CENT // 2 if all(cost % CENT == 0 for cost in costs) else 0


def _price(cell: Cell, amount: int, listed: int) -> Cause:
    services = {line.service for line in cell.lines if line.service}
    ratio = f"{amount / listed:+.1%}" if listed else "a price"
    if amount < 0 and services & {"batch", "flex"}:
        names = " and ".join(sorted(services & {"batch", "flex"}))
        return Cause("discount", amount, f"calls were served as {names}, {ratio} against our price")
    if amount > 0 and services & {"priority", "fast"}:
        names = " and ".join(sorted(services & {"priority", "fast"}))
        return Cause("surcharge", amount, f"calls were served as {names}, {ratio}")
    return Cause("price", amount, f"the same tokens cost {ratio} against our price table")


def _implied(cell: Cell) -> Rates:
    """What a token of each class was billed at; where amounts name no class, all at one."""
    assert cell.billed_tokens is not None  # noqa: S101
    costs = dict.fromkeys(CLASSES, 0)
    rest = 0
    for line in cell.lines:
        if line.token_class and line.cost is not None:
            costs[line.token_class] += line.cost
        else:
            rest += line.cost or 0
    every = sum(cell.billed_tokens.values())
    flat = Fraction(rest, every) if every else Fraction(0)
    return {
        name: flat + (Fraction(costs[name], number) if number else 0)
        for name, number in cell.billed_tokens.items()
    }


def _at(rates: Rates, tokens: Mapping[str, int]) -> int:
    """Nano-dollars of tokens, rounded once."""
    return round(sum((number * rates.get(name, 0) for name, number in tokens.items()), Fraction(0)))


_OF_KIND = {
    TAX: "taxes, which no trace has",
    CREDIT: "credits and discounts of the account",
    TOOL: "fees of tools, which are not priced by tokens",
}


def _lines_of(cell: Cell) -> list[Cause]:
    """Lines that are no model's; those of which nothing is known stay unexplained."""
    found = []
    for kind, told in _OF_KIND.items():
        amount = sum(line.cost or 0 for line in cell.lines if line.kind == kind)
        if amount:
            found.append(Cause(kind, amount, told))
    return found
