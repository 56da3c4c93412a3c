"""The judge's page: its sentence, its scale, its figures, its matrix, its threshold. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from evals.calibrating.reckoning import LEAST_SHOWN
from evals.models import Calibration, EvaluatorVersion
from evals.queries.calibration import State, Verdict
from kit import figures

LENGTH_BAR = 0.05
POSITION_BAR = 0.55
MOST_MORE = 500  # labels that are worth asking for


def sentence(found: Calibration, verdict: Verdict) -> str:
    """The verdict's reason, what would settle it, and where it is weak."""
    said = [verdict.because]
    if verdict.state == State.USABLE and found.low is not None and found.low < found.bar:
        more = labels_to_settle(found)
        end = f", so {more} more labels would settle it" if more else ""
        said.append(f"The range reaches down to {found.low:.2f}{end}.")
    weak = [one["name"] for one in weak_slices(found)]
    if weak:
        said.append(f"Do not trust it on {' and '.join(weak[:3])}.")
    if waiting := int(found.figures.get("waiting", 0)) if found.labels else 0:
        said.append(f"{waiting:,} labelled answers wait for its verdict.")
    if unjudged := int(found.figures.get("unjudged", 0)):
        said.append(f"{unjudged:,} labelled answers could not be judged; Runs says why.")
    return " ".join(said)


def labels_to_settle(found: Calibration) -> int | None:
    """How many more labels would bring the lower end to the bar, rounded up to tens; None: many.

    The interval narrows with the root of the number of labels.
    """
    if found.kappa is None or found.low is None or found.kappa <= found.bar:
        return None
    needed = found.labels * ((found.kappa - found.low) / (found.kappa - found.bar)) ** 2
    more = ceil((needed - found.labels) / 10) * 10
    return more if 0 < more <= MOST_MORE else None


def weak_slices(found: Calibration) -> list[dict[str, Any]]:
    """Slices with enough labels whose kappa lies below the bar, the weakest first."""
    listed = [
        one
        for one in found.figures.get("slices", ())
        if one["kappa"] is not None and one["kappa"] < found.bar
    ]
    return sorted(listed, key=lambda one: float(one["kappa"]))


@dataclass(frozen=True, slots=True)
class Line:
    """Kappa on a line from `begin` to 1: places in percent; None where it is not known."""

    begin: float
    at: str | None
    low: str | None
    width_from: str | None
    bar: str
    middle: str
    human: str | None
    bar_rest: str  # from the bar, and from the middle, to the end
    middle_rest: str
    human_anchor: str  # its words stay inside


def line_of(found: Calibration) -> Line:
    """The scale of agreement; it begins at 0.4, or lower where kappa does."""
    lowest = min(one for one in (found.low, found.kappa, found.bar, 0.4) if one is not None)
    begin = 0.4 if lowest >= 0.4 else 0.0 if lowest >= 0.0 else -1.0

    def place(value: float | None) -> str | None:
        if value is None:
            return None
        return f"{100 * (min(max(value, begin), 1.0) - begin) / (1 - begin):.1f}%"

    human = None if found.human_kappa is None else place(found.human_kappa)
    middle = max(begin, found.bar - 0.1)
    at_bar, at_middle = place(found.bar) or "", place(middle) or ""
    return Line(
        begin, place(found.kappa), place(found.low), place(found.high), at_bar, at_middle, human,
        f"{100 - float(at_bar[:-1]):.1f}%", f"{100 - float(at_middle[:-1]):.1f}%",
        "end" if human and float(human[:-1]) > 80 else "middle",
    )  # fmt: skip


def strip(found: Calibration, version: EvaluatorVersion) -> list[dict[str, Any]]:
    """The six figures; unknown ones are a dash, with why."""
    told = found.figures
    flips, length = told.get("flips") or {}, told.get("length")
    position, bias = told.get("position"), told.get("bias")
    pairs = int(flips.get("pairs", 0))
    is_shown = found.labels >= LEAST_SHOWN
    return [
        {
            "name": "Raw agreement",
            "value": figures.percent(found.agreement) if is_shown else "–",
            "note": f"{told.get('agree', 0):,} of {found.labels:,} labels",
        },
        _bias(bias if is_shown else None),
        {
            "name": "Flips on repeat",
            "value": figures.percent(flips["flipped"] / pairs) if pairs else "–",
            "note": f"{flips['flipped']:,} of {pairs:,} pairs" if pairs else "not asked twice yet",
        },
        {
            "name": "Longer answer wins",
            "value": _signed(length["value"]) if length else "–",
            "note": f"bar {LENGTH_BAR:.0%}" if length else "too few alike pairs",
            "tone": "warn" if length and abs(length["value"]) > LENGTH_BAR else "",
        },
        {
            "name": "First position wins",
            "value": figures.percent(position["share"]) if position else "–",
            "note": f"bar {POSITION_BAR:.0%}" if position else "judges one at a time",
            "tone": "warn" if position and _is_lopsided(position["share"]) else "",
        },
        {
            "name": "Cost per score",
            "value": figures.money(told.get("cost_nano")),
            "note": version.model or "model of its connection",
        },
    ]


def _bias(bias: dict[str, Any] | None) -> dict[str, Any]:
    if bias is None:
        return {"name": "Bias", "value": "–", "note": "not known"}
    value = float(bias["value"])
    much = "" if abs(value) >= 0.05 else "slightly "
    word = f"{much}{'lenient' if value > 0 else 'harsh'}" if abs(value) >= 0.005 else "none"
    tone = "warn" if abs(value) >= 0.05 else ""
    return {"name": "Bias", "value": f"{value:+.2f}".replace("-", "−"), "note": word, "tone": tone}


def _is_lopsided(share: float) -> bool:
    return not 1 - POSITION_BAR <= share <= POSITION_BAR


def _signed(value: float) -> str:
    return f"{100 * value:+.1f}%".replace("-", "−")


def matrix(found: Calibration) -> dict[str, Any] | None:
    """Rows, cells and sums of the confusion matrix; None where there is none."""
    table, words = found.figures.get("confusion"), found.figures.get("classes")
    if not table or not words:
        return None
    total = sum(map(sum, table)) or 1
    columns = [sum(row[at] for row in table) for at in range(len(words))]
    rows = []
    for at, row in enumerate(table):
        cells = [
            {
                "count": count,
                "share": figures.percent(count / total),
                "row": at,
                "column": to,
                "word": words[to],
                "css": "dg" if at == to else "of2" if _is_far(at, to, len(words)) else "of",
            }
            for to, count in enumerate(row)
        ]
        whole = sum(row)
        found_share = f"{row[at] / whole:.0%} found" if whole else "none"
        rows.append({"word": words[at], "cells": cells, "sum": whole, "note": found_share})
    sums = [
        {"sum": whole, "note": f"{table[at][at] / whole:.0%} right" if whole else "none"}
        for at, whole in enumerate(columns)
    ]
    return {"words": words, "rows": rows, "sums": sums, "total": total, "size": len(words)}


def _is_far(row: int, column: int, size: int) -> bool:
    """The worst that can happen: opposite ends, of two classes any mistake."""
    return abs(row - column) == size - 1


def version_rows(
    versions: Sequence[EvaluatorVersion], current: int | None, bar: float
) -> list[dict[str, Any]]:
    """Versions with their kappa on one small line from 0 to 1, the bar marked on it."""
    rows = []
    for one in versions:
        found: Calibration | None = getattr(one, "calibration", None)
        told = found if found and found.labels >= LEAST_SHOWN and found.low is not None else None
        rows.append(
            {
                "version": one,
                "calibration": found,
                "kappa": f"{told.kappa:.2f}" if told and told.kappa is not None else "–",
                "at": _percent(told.kappa) if told else None,
                "low": _percent(told.low) if told else None,
                "high": _percent(told.high) if told else None,
                "bar": _percent(bar),
                "labels": found.labels if found is not None else 0,
                "is_current": one.pk == current,
            }
        )
    return rows


def _percent(value: float | None) -> str:
    return f"{100 * min(max(value or 0.0, 0.0), 1.0):.1f}%"
