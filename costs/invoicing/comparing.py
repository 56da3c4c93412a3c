"""What was billed against what traces say, by model and day; what no cause explains is stated."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from costs.invoicing.causes import NOT_A_MODEL, Around, RatesOf, causes_of
from costs.invoicing.items import CLASSES, TOKENS, UNKNOWN
from costs.invoicing.naming import groups, spelled
from costs.invoicing.sides import Cause, Cell, Traced, joined
from costs.invoicing.statement import Line

ALL = "All models"  # of exports that do not tell models apart
SET_OFF = 4  # days set each other off where their sum is under a quarter of them


@dataclass(frozen=True)
class Comparison:
    """All cells, and their sums; `gross` is what is unexplained either way, not set off."""

    cells: Sequence[Cell]
    total: Cell
    gross: int | None

    def by_model(self) -> list[Cell]:
        """Sums of each model, the dearest first."""
        return _summed(self.cells, lambda cell: (cell.model, None))

    def by_day(self, model: str = "") -> list[Cell]:
        """Sums of each day, of one model or all, the first day first."""
        found = [cell for cell in self.cells if not model or cell.model == model]
        rows = _summed(found, lambda cell: (model, cell.day))
        return sorted(rows, key=lambda row: row.day or date.min)


def compare(
    billed: Iterable[Line], traced: Iterable[Traced], rates: RatesOf, *, last: date,
    exported: date,
) -> Comparison:  # fmt: skip
    """Every model and day of both sides. `last`: the last day; `exported`: the day it came."""
    lines, ours = list(billed), list(traced)
    cells = _cells(lines, ours)
    around = Around(
        seen={cell.model for cell in cells if cell.calls},
        said={cell.model for cell in cells if cell.lines},
        last=last,
        exported=exported,
    )
    total = Cell("")
    for cell in cells:
        cell.causes = causes_of(cell, rates, around)
        total.add(cell)
    if (edge := _edge(cells)) is not None:
        total.causes = joined([*total.causes, edge])
    left = [abs(cell.remainder) for cell in cells if cell.remainder is not None]
    return Comparison(cells, total, sum(left) if left else None)


def _cells(lines: Sequence[Line], ours: Sequence[Traced]) -> list[Cell]:
    with_models = [one for one in lines if one.kind == TOKENS]
    is_whole = bool(with_models) and not any(one.model for one in with_models)
    under = groups({one.model for one in with_models}, {one.model for one in ours})
    has_money = any(one.cost is not None for one in lines)
    has_tokens = any(one.tokens is not None for one in lines)
    cells: dict[tuple[str, date], Cell] = {}

    def cell_of(model: str, kind: str, day: date) -> Cell:
        name = ALL if is_whole or not model else under.get(spelled(model), model)
        name = name if kind == TOKENS else NOT_A_MODEL
        found = cells.get((name, day))
        if found is None:
            found = cells[name, day] = Cell(name, day)
            if name != NOT_A_MODEL:
                found.billed = 0 if has_money else None
                found.billed_tokens = dict.fromkeys(CLASSES, 0) if has_tokens else None
        return found

    for line in lines:
        _bill(cell_of(line.model, line.kind, line.day), line)
    for one in ours:
        _trace(cell_of(one.model, TOKENS, one.day), one)
    return sorted(cells.values(), key=lambda one: (one.day or date.min, one.model))


def _bill(cell: Cell, line: Line) -> None:
    cell.lines.append(line)
    if line.cost is not None:
        cell.billed = (cell.billed or 0) + line.cost
    if line.requests is not None:
        cell.requests = (cell.requests or 0) + line.requests
    if line.tokens is not None and line.token_class:
        cell.billed_tokens = cell.billed_tokens or dict.fromkeys(CLASSES, 0)
        cell.billed_tokens[line.token_class] += line.tokens


def _trace(cell: Cell, one: Traced) -> None:
    for name, number in one.tokens.items():
        cell.our_tokens[name] += number
    cell.ours += one.cost
    cell.calls += one.calls
    cell.unpriced += one.unpriced
    if one.model:
        cell.names.add(one.model)


def _edge(cells: Iterable[Cell]) -> Cause | None:
    """Days that set each other off: they are cut at another hour than ours."""
    by_model: dict[str, list[int]] = {}
    for cell in cells:
        if cell.token_difference is not None and cell.calls and cell.lines:
            by_model.setdefault(cell.model, []).append(cell.token_difference)
    either = net = billed = 0
    for differences in by_model.values():
        off = sum(abs(one) for one in differences)
        if off and abs(sum(differences)) * SET_OFF <= off:
            either, net = either + off, net + abs(sum(differences))
    for cell in cells:
        billed += sum((cell.billed_tokens or {}).values())
    if either * 100 <= billed:
        return None
    told = f"days set each other off: {either:,} tokens either way come to {net:,}"
    return Cause("edge", None, told)


def unknown_names(cells: Iterable[Cell]) -> list[str]:
    """The lines of which nothing is known, by their words."""
    return sorted(
        {line.name or "without words" for cell in cells for line in cell.lines
         if line.kind == UNKNOWN}
    )  # fmt: skip


def _summed(cells: Iterable[Cell], key: Callable[[Cell], tuple[str, date | None]]) -> list[Cell]:
    rows: dict[tuple[str, date | None], Cell] = {}
    for cell in cells:
        of = key(cell)
        rows.setdefault(of, Cell(*of)).add(cell)
    return sorted(rows.values(), key=lambda row: (-max(row.billed or 0, row.ours), row.model))
