"""Runs beside a baseline: what the page's first sentence, its figures and their pictures say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evals.models import GateRun
from evals.pages.pairing import Own, Pairing, effect_of, own_mean, paired
from evals.pages.runs import Run
from evals.pages.saying import sentence_of
from evals.pages.verdicts import Verdict, scale_of, verdict_of
from evals.pages.wording import (
    bar_text,
    change,
    many,
    relative,
    score,
    title_of,
)
from evals.queries.measures import Measure
from evals.queries.outcomes import Outcomes, cost_each
from kit import figures

NOTABLE = 0.05  # a relative change of cost or latency below it has no colour
WARNS = 0.10


@dataclass(frozen=True)
class Cell:
    """One figure of a row, and its change against the baseline."""

    value: str
    change: str = ""
    tone: str = "faint"
    note: str = ""


@dataclass(frozen=True)
class Row:
    """A figure of all runs. `name` None: not a score, which could decide."""

    title: str
    bar: str
    cells: list[Cell]
    name: str | None = None


@dataclass(frozen=True)
class Compared:
    """All of the page but its items."""

    measure: Measure | None
    base: Run
    own: Own
    own_range: str
    facts: list[str]
    verdicts: list[Verdict]
    rows: list[Row]
    sentence: tuple[str, str]
    tone: str
    icon: str


def compared(
    runs: Sequence[Run],
    outcomes: Mapping[int, Outcomes],
    measures: Sequence[Measure],
    by: str,
    gates: Mapping[int, GateRun],
) -> Compared:
    """The first of `runs` against the others; the score called `by` decides, else the first."""
    base, others = runs[0], runs[1:]
    first = outcomes[base.experiment.pk]
    measure = next((one for one in measures if one.name == by), measures[0] if measures else None)
    found = [
        paired(first, outcomes[run.experiment.pk], measure)
        if measure
        else Pairing(0, None, None, "none", True, None)
        for run in others
    ]
    own = own_mean(first, measure.name) if measure else Own(0, None)
    scale = scale_of(found)
    verdicts = [
        verdict_of(run, one, scale, gates.get(run.experiment.pk))
        for run, one in zip(others, found, strict=True)
    ]
    rows = [_score_row(runs, outcomes, one) for one in measures if one is not measure]
    rows += [_latency_row(runs, outcomes), _cost_row(runs, outcomes)]
    icon, tone, sentence = sentence_of(runs, outcomes, measure, verdicts)
    return Compared(
        measure=measure, base=base, own=own,
        own_range="" if own.low is None or own.high is None
        else f"{score(own.low)} to {score(own.high)}",
        facts=_facts(base, own, measure), verdicts=verdicts, rows=rows,
        sentence=sentence, tone=tone, icon=icon,
    )  # fmt: skip


def _facts(base: Run, own: Own, measure: Measure | None) -> list[str]:
    if measure is None:
        return []
    items = many(own.items, "item")
    repeats = base.experiment.repeats
    first = f"{items} × {repeats}" if repeats > 1 else items
    if measure.version is not None:
        first += f", {'judge' if measure.is_judge else measure.evaluator and 'check'} "
        first += f"v{measure.version}"
    facts = [first]
    if measure.is_judge:
        known = measure.kappa is not None and measure.labels
        facts.append(
            f"κ {measure.kappa:.2f}, {many(measure.labels or 0, 'label')}"
            if known
            else "not calibrated: informs only"
        )
    return facts


def _score_row(runs: Sequence[Run], outcomes: Mapping[int, Outcomes], measure: Measure) -> Row:
    base = outcomes[runs[0].experiment.pk]
    cells = [Cell(score(own_mean(base, measure.name).mean))]
    for run in runs[1:]:
        other = outcomes[run.experiment.pk]
        own = own_mean(other, measure.name)
        effect, reading = effect_of(base, other, measure)
        if own.mean is None or effect is None:
            cells.append(Cell(score(own.mean), note="not in this run" if own.mean is None else ""))
            continue
        tone = {"better": "ok", "worse": "bad"}.get(reading, "faint")
        note = "within noise" if reading == "noise" else ""
        cells.append(Cell(score(own.mean), change(effect.value), tone, note))
    bar = "" if measure.is_binary else bar_text(measure.bar, measure.is_higher_better)
    return Row(title_of(measure.name), bar, cells, measure.name)


def _latency_row(runs: Sequence[Run], outcomes: Mapping[int, Outcomes]) -> Row:
    values = [outcomes[run.experiment.pk].totals.p95_us for run in runs]
    shown = [figures.duration(None if one is None else round(one)) for one in values]
    return Row("p95 latency", "", _relative_cells(shown, values))


def _cost_row(runs: Sequence[Run], outcomes: Mapping[int, Outcomes]) -> Row:
    totals = [outcomes[run.experiment.pk].totals for run in runs]
    shown = [
        "unpriced" if cost_each(one) is None and one.unpriced else figures.money(cost_each(one))
        for one in totals
    ]
    return Row("Cost per answer", "", _relative_cells(shown, [cost_each(one) for one in totals]))


def _relative_cells(shown: Sequence[str], values: Sequence[float | None]) -> list[Cell]:
    cells = [Cell(shown[0])]
    base = values[0]
    for text, value in zip(shown[1:], values[1:], strict=True):
        ratio = None if value is None or not base else value / base - 1
        if ratio is None:
            cells.append(Cell(text))
            continue
        tone = "ok" if ratio <= -NOTABLE else "warn" if ratio > WARNS else "faint"
        cells.append(Cell(text, relative(ratio), tone))
    return cells
