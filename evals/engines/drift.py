"""`roadworthy engine drift`: days that raise an alarm, and how many reruns that took."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evals.drift import detector
from evals.drift.runs import BadRun, Run, Scale, numbers, run_of, scale_of
from evals.drift.settings import Settings
from kit.cases import BadCase, Figures, answer_each, listed


def answer(document: Any) -> dict[str, Figures]:
    """Alarms and reruns of `{"series": [{"id", "scale", "baseline", "days"}, …]}`.

    A day is a list: the scheduled run, then reruns, of which the first ones are read only as they
    are wanted. Days count from 0. An alarm is dismissed at the end of its day, so that the detector
    carries on from a new reference.

    Raises: BadCase.
    """
    series = document.get("series") if isinstance(document, dict) else None
    if not isinstance(series, list):
        raise BadCase('The document must be an object {"series": [...]}.')
    return answer_each({"cases": series}, _of_series)


def _of_series(case: Mapping[str, Any]) -> Figures:
    baseline = [numbers(one) for one in listed(case, "baseline")]
    if len(baseline) < 2:
        raise BadCase("baseline must hold at least two runs.")
    scale = _scale(case, baseline)
    state = detector.begin(baseline[0].size, scale, Settings(baseline=len(baseline)))
    for place, scores in enumerate(baseline):
        state, _ = detector.feed(state, run_of(place - len(baseline), scores, scale))
    alarms: list[int] = []
    for day, runs in enumerate(listed(case, "days")):
        if not isinstance(runs, list):
            raise BadCase("A day must be a list of runs.")
        for place, scores in enumerate(runs):
            if place and not detector.wants_rerun(state):
                break
            if scores is None:  # missed
                break
            run: Run = run_of(day, scores, scale, is_rerun=place > 0)
            state, step = detector.feed(state, run)
            if step.raised:
                alarms.append(day)
        if state.alarm is not None:
            state = detector.dismiss(state)
    return {"alarms": alarms, "reruns": state.reruns}


def _scale(case: Mapping[str, Any], baseline: list[Any]) -> Scale:
    """As the case says; without one, items pass or do not."""
    ends = case.get("scale", [0, 1])
    if not isinstance(ends, list) or len(ends) != 2:
        raise BadCase("scale must be a list of two numbers.")
    if not all(isinstance(end, int | float) for end in ends):
        raise BadRun("A scale must be two numbers, the lower one first.")
    return scale_of(float(ends[0]), float(ends[1]), baseline)
