"""A provider's export, from bytes to a statement: all of it, or a fault that says where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from costs.invoicing.cells import EXACT, MOST_COUNT
from costs.invoicing.columns import columns_of
from costs.invoicing.days import MOST_DAYS, Days
from costs.invoicing.faults import BadFile, quoted
from costs.invoicing.rows import PROVIDERS, Part, Reader
from costs.invoicing.statement import Line, Statement, nano
from costs.invoicing.texts import rows_of

MOST_KEPT = 50_000
Key = tuple[str | date, str, str, str, str, str]


@dataclass
class _Sums:
    tokens: int | None = None
    requests: int | None = None
    cost: Decimal | None = None

    def add(self, other: Part | _Sums) -> None:
        if other.tokens is not None:
            self.tokens = (self.tokens or 0) + other.tokens
        if other.requests is not None:
            self.requests = (self.requests or 0) + other.requests
        if other.cost is not None:
            self.cost = EXACT.add(self.cost or Decimal(0), other.cost)


@dataclass
class _Heap:
    """What was read so far."""

    sums: dict[Key, _Sums] = field(default_factory=dict)
    currencies: dict[str, int] = field(default_factory=dict)  # -> its first line
    accounts: dict[str, None] = field(default_factory=dict)
    rows: int = 0
    left_out: int = 0
    empty: int = 0
    totals: int = 0
    undated: int = 0


def read(pieces: Iterable[bytes], *, provider: str = "", only: str = "") -> Statement:
    """The statement in a CSV. `only` keeps the rows of one project, workspace or key.

    Raises: BadFile, and then nothing of it counts.
    """
    delimiter, rows = rows_of(pieces)
    line, header = next(rows)
    columns = columns_of(header, line)
    if provider and columns.provider not in ("", provider):
        raise BadFile(
            f"This is an export of {PROVIDERS[columns.provider]}, not of {PROVIDERS[provider]}"
        )
    days, heap = Days(), _Heap()
    reader = Reader(columns, columns.provider or provider, days, comma=delimiter == ";")
    for line, cells in rows:
        _take(reader, heap, line, cells, only)
    _check(heap, only)
    return _statement(reader, days, heap)


def _take(reader: Reader, heap: _Heap, line: int, cells: Sequence[str], only: str) -> None:
    row = reader.row(line, cells)
    heap.rows += 1
    if only and not row.is_of(only):
        heap.left_out += 1
        for name in row.accounts[: 5 - min(5, len(heap.accounts))]:
            heap.accounts.setdefault(name)
        return
    if row.is_total:
        heap.totals += 1
        return
    for currency in row.currencies:
        heap.currencies.setdefault(currency, line)
    heap.empty += not row.parts
    heap.undated += bool(row.parts and not row.day)
    for part in row.parts:
        key = (row.day, part.item.kind, part.item.model, part.name, part.item.token_class,
               part.item.service)  # fmt: skip
        sums = heap.sums.get(key)
        if sums is None:
            if len(heap.sums) >= MOST_KEPT:
                raise BadFile("The file is too detailed. Export it by day and model, or fewer days")
            sums = heap.sums[key] = _Sums()
        sums.add(part)


def _check(heap: _Heap, only: str) -> None:
    if not heap.rows:
        raise BadFile("The file has a header and no rows", expected="at least one day")
    if heap.rows == heap.left_out:
        seen = f"; there are {', '.join(map(quoted, heap.accounts))}" if heap.accounts else ""
        raise BadFile(f"No row is of the project, workspace or key {quoted(only)}{seen}")
    others = [name for name in heap.currencies if name != "USD"]
    if others:
        said = " and ".join(sorted(heap.currencies)[:5])
        raise BadFile(
            f"Amounts are in {said}, first on line {heap.currencies[others[0]]:,}",
            expected="US dollars alone, which prices and budgets are in",
        )


def _statement(reader: Reader, days: Days, heap: _Heap) -> Statement:
    days.settle()
    seen = [days.day(text) for text in reader.days_seen]
    if not seen:
        raise BadFile("No row has a day", expected="at least one day")
    first, last = min(seen), max(seen)
    if (last - first).days >= MOST_DAYS:
        raise BadFile(f"The file covers more than {MOST_DAYS} days. Export fewer")
    merged: dict[tuple[date, str, str, str, str, str], _Sums] = {}
    for (text, *rest), sums in heap.sums.items():
        day = days.day(str(text)) if text else last
        kind, model, name, token_class, service = (str(part) for part in rest)
        merged.setdefault((day, kind, model, name, token_class, service), _Sums()).add(sums)
    if any((sums.tokens or 0) > MOST_COUNT for sums in merged.values()):
        raise BadFile("The tokens come to more than can be kept")
    lines = [
        Line(*key, sums.tokens, sums.requests, None if sums.cost is None else nano(sums.cost))
        for key, sums in sorted(merged.items(), key=lambda one: one[0])
    ]
    provider = reader.provider or _guessed(lines)
    nano(sum((sums.cost or Decimal(0) for sums in merged.values()), Decimal(0)))
    return Statement(
        provider, first, last, lines, heap.rows, heap.left_out, heap.empty, heap.totals,
        heap.undated, days.is_shifted,
    )  # fmt: skip


def _guessed(lines: Sequence[Line]) -> str:
    named = [line.model for line in lines if line.model]
    claudes = sum(name.startswith("claude") for name in named)
    return "anthropic" if named and claudes * 2 > len(named) else "openai"
