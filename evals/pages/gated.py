"""What gates that used the runs of a comparison said of its figures: limits, guards, warnings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from evals.models import GateRun
from evals.pages.rows import Cell, Row
from evals.pages.runs import Run
from kit.figures import UNKNOWN

INFORMS = " (informs only)"
# By the result of a guard's row: what stands beside the figure, and its tone.
SAYS = {"warning": ("warns", "warn"), "fail": ("fails", "bad"), "pass": ("holds", "")}


@dataclass(frozen=True)
class Said:
    """A row of a gate's answer: figures as text, its limit, and whether it holds."""

    old: str
    new: str
    change: str
    limit: str
    result: str


def with_gates(rows: Sequence[Row], runs: Sequence[Run], gates: Mapping[int, GateRun]) -> list[Row]:
    """`rows` with the limits of the gates, and a row for each guard that had none.

    A limit stands where all gates of the page ask the same; what a gate said, beside its run.
    """
    said = [_guards(gates.get(run.experiment.pk)) for run in runs]
    names = list(dict.fromkeys(name for of in said for name in of))
    known = {row.name or row.title for row in rows}
    found = [_gated(row, [of.get(row.name or row.title) for of in said]) for row in rows]
    return found + [
        _gated(_row_of(name, said), [of.get(name) for of in said])
        for name in names
        if name not in known
    ]


def warnings_of(gate: GateRun | None) -> list[str]:
    """What a gate warns of beside its answer."""
    return list(_verdict(gate).get("warnings") or ())


def _guards(gate: GateRun | None) -> dict[str, Said]:
    """By name, what the gate said of each guard, and of what may not gate though it was to."""
    verdict = _verdict(gate)
    names = {one["name"] for one in verdict.get("guards") or ()}
    told: dict[str, Said] = {}
    for row in verdict.get("rows") or ():
        name = row["name"].removesuffix(INFORMS)
        if name in names or (name != row["name"] and row["result"] == "warning"):
            told[name] = Said(row["old"], row["new"], row["change"], row["bar"], row["result"])
    return told


def _verdict(gate: GateRun | None) -> dict[str, Any]:
    return dict(gate.verdict or {}) if gate is not None else {}


def _row_of(name: str, said: Sequence[Mapping[str, Said]]) -> Row:
    """A guard of which the page has no figure of its own, as the gates measured it."""
    olds = {one.old for of in said if (one := of.get(name)) and one.old}
    cells = [Cell(olds.pop() if len(olds) == 1 else UNKNOWN)]
    for of in said[1:]:
        one = of.get(name)
        cells.append(Cell(one.new, one.change.split(" (")[0]) if one else Cell(UNKNOWN))
    return Row(name, "", cells)


def _gated(row: Row, said: Sequence[Said | None]) -> Row:
    limits = {one.limit for one in said if one is not None and one.limit}
    cells = [_told(cell, one) for cell, one in zip(row.cells, said, strict=True)]
    bar = row.bar or (limits.pop() if len(limits) == 1 else "")
    return replace(row, bar=bar, cells=cells)


def _told(cell: Cell, said: Said | None) -> Cell:
    if said is None or said.result not in SAYS:
        return cell
    words, tone = SAYS[said.result]
    if not tone:
        return cell  # that a guard holds needs no word
    return replace(cell, note=f"{cell.note}, {words}" if cell.note else words, tone=tone)
