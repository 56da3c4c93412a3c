"""Runs beside a baseline: what the page's first sentence, its figures and their pictures say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from evals.models import GateRun
from evals.pages.gated import with_gates
from evals.pages.pairing import Own, Pairing, effect_of, own_mean, paired
from evals.pages.rows import Cell, Row
from evals.pages.runs import Run
from evals.pages.saying import sentence_of
from evals.pages.verdicts import Verdict, scale_of, verdict_of
from evals.pages.wins import opponent_of, pairing_of, wins_of
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
from evals.queries.pairs import Said
from kit import figures

NOTABLE = 0.05  # a relative change of cost or latency below it has no colour
WARNS = 0.10


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
    pairs: Said | None = None,
) -> Compared:
    """The first of `runs` against the others; the score called `by` decides, else the first."""
    base, others = runs[0], runs[1:]
    first = outcomes[base.experiment.pk]
    measure = next((one for one in measures if one.name == by), measures[0] if measures else None)
    said = pairs or {}
    found = [_pairing(base, run, outcomes, measure, said) for run in others]
    is_alone = measure is None or measure.is_pairwise  # a win rate of another run's own baseline
    own = Own(0, None) if is_alone or measure is None else own_mean(first, measure.name)
    scale = scale_of(found)
    verdicts = [
        verdict_of(run, one, scale, gates.get(run.experiment.pk))
        for run, one in zip(others, found, strict=True)
    ]
    if measure is not None and measure.is_pairwise:
        verdicts = [_of_pairs(one, base, measure, said) for one in verdicts]
    rows = [
        _pairs_row(runs, one, said) if one.is_pairwise else _score_row(runs, outcomes, one)
        for one in measures
        if one is not measure
    ]
    rows += [_latency_row(runs, outcomes), _cost_row(runs, outcomes)]
    rows = with_gates(rows, runs, gates)
    icon, tone, sentence = sentence_of(runs, outcomes, measure, verdicts)
    return Compared(
        measure=measure, base=base, own=own,
        own_range="" if own.low is None or own.high is None
        else f"{score(own.low)} to {score(own.high)}",
        facts=_facts(base, own, measure), verdicts=verdicts, rows=rows,
        sentence=sentence, tone=tone, icon=icon,
    )  # fmt: skip


def _pairing(
    base: Run, run: Run, outcomes: Mapping[int, Outcomes], measure: Measure | None, said: Said
) -> Pairing:
    if measure is None:
        return Pairing(0, None, None, "none", True, None)
    one = run.experiment
    if measure.is_pairwise:
        return pairing_of(base.experiment, one, said.get(one.pk, {}).get(measure.name))
    return paired(outcomes[base.experiment.pk], outcomes[one.pk], measure)


def _of_pairs(verdict: Verdict, base: Run, measure: Measure, said: Said) -> Verdict:
    """The verdict by win rate: against the first run, or not against that."""
    one = verdict.run.experiment
    pairs = said.get(one.pk, {}).get(measure.name)
    if pairs is None:
        return replace(verdict, note="not in this run")
    if one.baseline_id != base.experiment.pk:
        return replace(verdict, note=f"it was compared {opponent_of(one)}")
    wins = wins_of(pairs)
    plot = verdict.plot and replace(
        verdict.plot, label=f"win rate {wins.value}, 95 percent interval {wins.range}"
    )
    return replace(
        verdict, effect=f"wins {wins.value}", range=wins.range, note=wins.counts, plot=plot
    )


def _pairs_row(runs: Sequence[Run], measure: Measure, said: Said) -> Row:
    """Win rates, each against the run's own baseline."""
    cells = []
    for run in runs:
        pairs = said.get(run.experiment.pk, {}).get(measure.name)
        if pairs is None:
            cells.append(Cell(score(None), note="not in this run"))
            continue
        wins = wins_of(pairs)
        cells.append(Cell(wins.value, f"95% {wins.range}" if wins.range else "",
                          wins.tone or "faint", opponent_of(run.experiment)))  # fmt: skip
    return Row(title_of(measure.name), "", cells, measure.name)


def _facts(base: Run, own: Own, measure: Measure | None) -> list[str]:
    if measure is None:
        return []
    if measure.is_pairwise:
        return [f"judge v{measure.version}", "win rate: 50% is even", "informs only"]
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
            cells.append(Cell(score(own.mean), note="no score" if own.mean is None else ""))
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
