"""The first sentence of a comparison: what is best, and what tells the others apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evals.models import GateRun
from evals.pages.pairing import own_mean
from evals.pages.runs import Run
from evals.pages.verdicts import Verdict
from evals.pages.wording import change, many, score, title_of
from evals.queries.measures import Measure
from evals.queries.outcomes import Outcomes, cost_each

CHEAPER = 0.10  # a smaller difference of cost is not worth a word


def sentence_of(
    runs: Sequence[Run],
    outcomes: Mapping[int, Outcomes],
    measure: Measure | None,
    verdicts: Sequence[Verdict],
) -> tuple[str, str, tuple[str, str]]:
    """Icon, tone, and the sentence: what is best in bold, then of the rest what tells it apart."""
    if measure is None:
        return "info", "", ("These runs have no score in common.", "Their answers stand below.")
    name = title_of(measure.name)
    better = [one for one in verdicts if one.pairing.reading == "better"]
    best = max(better, key=lambda one: _size(one, measure), default=None)
    rest = [one for one in verdicts if one is not best]
    told = [text for one in rest if (text := _of_the_rest(one, runs[0], outcomes, measure))]
    if best is not None:
        gate = best.gate
        ships = gate is not None and gate.state == GateRun.State.PASS
        head = f"{best.run.words} {'may ship' if ships else 'is better'}."
        says = [_of_the_best(best, runs, outcomes, measure, name), *told]
        return ("guardrail" if ships else "check"), "ok", (head, " ".join(says))
    if not any(one.pairing.items for one in verdicts):
        head = f"No item has {name.lower()} in both runs."
        if measure.is_pairwise:
            head = f"No run here was compared with {runs[0].words}."
        return "info", "", (head, " ".join(told))
    if all(one.pairing.reading == "worse" for one in verdicts):
        head = f"{runs[0].words} stays ahead."
        return "err", "bad", (head, " ".join(told))
    return "eq", "warn", ("No difference beyond noise.", " ".join(told))


def _of_the_best(
    best: Verdict, runs: Sequence[Run], outcomes: Mapping[int, Outcomes], measure: Measure,
    name: str,
) -> str:  # fmt: skip
    if measure.is_pairwise:
        lost = len(best.pairing.regressed)
        said = f"It {best.effect} against {runs[0].words}, by the judge of {name.lower()}"
        return f"{said}; {lost:,} of {many(best.pairing.items, 'item')} were lost."
    own = own_mean(outcomes[best.run.experiment.pk], measure.name).mean
    rises = "rises" if measure.is_higher_better else "falls"
    said = f"{name} {rises} by {score(_size(best, measure))}"
    if measure.bar is not None and own is not None:
        clears = own >= measure.bar if measure.is_higher_better else own <= measure.bar
        said += f" and {'clears' if clears else 'stays short of'} the bar"
    worse = len(best.pairing.regressed)
    got = "got" if worse else "none of"
    if worse:
        return f"{said}; {worse:,} of {many(best.pairing.items, 'item')} {got} worse."
    return f"{said}; {got} {many(best.pairing.items, 'item')} got worse."


def _of_the_rest(
    one: Verdict, base: Run, outcomes: Mapping[int, Outcomes], measure: Measure
) -> str:
    words, reading = one.run.words, one.pairing.reading
    cheaper = _cheaper(outcomes[base.experiment.pk], outcomes[one.run.experiment.pk])
    if one.run.experiment.is_open:
        return f"{words} is still running."
    if measure.is_pairwise and reading in ("none", "better", "noise"):
        return {
            "none": f"{words} was not compared with {base.words}.",
            "better": f"{words} is better too: it {one.effect}.",
            "noise": f"{words} {one.effect} against {base.words}, within noise.",
        }[reading]
    if reading == "none":
        return f"{words} shares no scored item with the baseline."
    if reading == "worse":
        also = f"{cheaper} and " if cheaper else ""
        return f"{words} is {also}worse than {base.words}."
    if reading == "better":
        return f"{words} is better too, by {score(_size(one, measure))}."
    moved = one.pairing.effect.value if one.pairing.effect else 0.0
    seen = one.pairing.detectable
    also = f", and {cheaper}" if cheaper else ""
    if seen is not None and abs(moved) < seen:
        return f"{words}: its change of {change(moved)} is smaller than this run can see{also}."
    return f"{words}: {change(moved)} is within noise{also}."


def _cheaper(base: Outcomes, other: Outcomes) -> str:
    before, after = cost_each(base.totals), cost_each(other.totals)
    if not before or after is None or after >= before * (1 - CHEAPER):
        return ""
    return f"{round(100 * (1 - after / before))}% cheaper"


def _size(one: Verdict, measure: Measure) -> float:
    return abs(one.pairing.effect.value) if one.pairing.effect else 0.0
