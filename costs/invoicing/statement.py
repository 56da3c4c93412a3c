"""What an export says, as it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from costs.invoicing.cells import EXACT
from costs.invoicing.faults import BadFile
from costs.invoicing.items import UNKNOWN

MOST_NANO = 2**62


@dataclass(frozen=True)
class Line:
    """Sums of one day, model, class of tokens and way of service; None is not said.

    Money is in nano-dollars: the exact sum of the file's decimals, rounded half-even once.
    """

    day: date
    kind: str
    model: str
    name: str
    token_class: str
    service: str
    tokens: int | None
    requests: int | None
    cost: int | None


@dataclass(frozen=True)
class Statement:
    """All of a file. `first` and `last` are UTC days, both in it."""

    provider: str
    first: date
    last: date
    lines: Sequence[Line]
    rows: int
    left_out: int = 0  # of other projects or workspaces than asked for
    empty: int = 0  # days without anything
    totals: int = 0  # lines that sum others up: not added again
    undated: int = 0  # tax and credits without a day: they stand on the last
    is_shifted: bool = False  # its days do not begin at midnight UTC

    @property
    def has_tokens(self) -> bool:
        """True where it counts tokens."""
        return any(line.tokens is not None for line in self.lines)

    @property
    def has_money(self) -> bool:
        """True where it has amounts; a file of empty days says nothing was billed."""
        return any(line.cost is not None for line in self.lines) or not self.lines

    @property
    def unknown(self) -> int:
        """Lines of which nothing is known but their text."""
        return sum(line.kind == UNKNOWN for line in self.lines)

    @property
    def cost(self) -> int:
        """Nano-dollars of all lines."""
        return sum(line.cost or 0 for line in self.lines)


def nano(amount: Decimal) -> int:
    """Nano-dollars of exact dollars, rounded half-even. Raises: BadFile where it is too much."""
    found = int(EXACT.scaleb(amount, 9).to_integral_value(ROUND_HALF_EVEN, EXACT))
    if abs(found) > MOST_NANO:
        raise BadFile("The amounts come to more than can be kept")
    return found
