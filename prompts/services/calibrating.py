"""What the guards of a rollout have to know first: by which calls its arms are compared, where
latencies and costs are cut, and how much the values of one user hang together."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from kit.intervals import KeySums, Sums, design_effect
from prompts.guarding.metrics import CEILING_TIMES, COST, ERRORS, LATENCY
from prompts.models import Rollout
from prompts.queries.rollouts import MINUTE, asked_of
from traces.queries.arms import dependence, keys_that_match
from traces.queries.usage import Scope, span_figures

BEFORE = timedelta(days=7)  # of the version that serves, to know its mean
MATCHING = 0.8  # share of the candidate's calls that must have its arm by their key
LEAST_CALLS = 20
LEAST_VALUES = 200  # and keys, before what they have in common can be told
LEAST_KEYS = 30


def calibrate(rollout: Rollout, now: datetime) -> None:
    """Find out what is not known yet, for `rollout` and in its row; what is known stays."""
    if rollout.by_key is None:
        _know_keys(rollout, now)
    if any(_lacks_effect(guard) for guard in rollout.guards) and _asks_again(rollout, now):
        guards = _with_dependence(rollout, _with_ceilings(rollout, now), now)
        if guards != rollout.guards:
            rollout.guards = guards
            Rollout.objects.filter(pk=rollout.pk).update(guards=guards)


def _know_keys(rollout: Rollout, now: datetime) -> None:
    rollout.by_key = True
    asked = asked_of(rollout, rollout.started_at, now, share=rollout.share)
    matching, of_all = keys_that_match(asked)
    known = of_all >= LEAST_CALLS
    rollout.by_key = matching >= MATCHING * of_all if known else None
    if known:
        Rollout.objects.filter(pk=rollout.pk, by_key=None).update(by_key=rollout.by_key)


def _lacks_effect(guard: dict[str, Any]) -> bool:
    return guard["metric"] in {ERRORS, LATENCY, COST} and "design_effect" not in guard


def _is_cut(guard: dict[str, Any]) -> bool:
    return guard["metric"] == ERRORS or bool(guard.get("ceiling"))


def _with_ceilings(rollout: Rollout, now: datetime) -> list[dict[str, Any]]:
    lacks = any(g["metric"] in {LATENCY, COST} and not g.get("ceiling") for g in rollout.guards)
    means = _means_of_base(rollout, now) if lacks else {}
    return [
        {**guard, "ceiling": CEILING_TIMES * mean}
        if (mean := means.get(guard["metric"])) and not guard.get("ceiling")
        else guard
        for guard in rollout.guards
    ]


def _asks_again(rollout: Rollout, now: datetime) -> bool:
    """True at the first look, then whenever the rollout is twice as old: 14 times in a week.

    The question goes through a week of calls, and of some guards the answer never comes: the cost
    of a model without a price has no mean.
    """
    if rollout.looked_at is None:
        return True
    then, at_present = (int((at - rollout.started_at) / MINUTE) for at in (rollout.looked_at, now))
    return at_present.bit_length() > then.bit_length()


def _with_dependence(
    rollout: Rollout, guards: list[dict[str, Any]], now: datetime
) -> list[dict[str, Any]]:
    """The guards with how much values of one user hang together, where that is known by now.

    Users who come back are no new evidence each time: without this, guards would halt too often.
    What is known already stays: a test whose measure changed on the way would be no test.
    """
    if not any(_lacks_effect(guard) and _is_cut(guard) for guard in guards):
        return guards
    ceilings = {guard["metric"]: guard.get("ceiling") for guard in guards}
    found = dependence(
        asked_of(rollout, rollout.started_at - BEFORE, now),
        latency_ceiling=ceilings.get(LATENCY),
        cost_ceiling=ceilings.get(COST),
    )
    kept = []
    for guard in guards:
        told = found.get(guard["metric"])
        is_open = _lacks_effect(guard) and _is_cut(guard)
        if told and is_open and told.values[0] >= LEAST_VALUES and told.keys[0] >= LEAST_KEYS:
            effect = design_effect(Sums(*told.values), KeySums(*told.keys))
            guard = {**guard, "design_effect": round(effect, 3)}
        kept.append(guard)
    return kept


def _means_of_base(rollout: Rollout, now: datetime) -> dict[str, int]:
    """Mean latency (µs) and cost (nano-dollars) of the version that served before."""
    scope = Scope(
        rollout.prompt.project_id,
        rollout.started_at - BEFORE,
        now,
        "*",
        {"prompt_name": rollout.prompt.name, "prompt_version": str(rollout.base.number), "kind": 1},
    )
    found = span_figures(scope)
    if not found or found[0].spans < LEAST_CALLS:
        return {}
    figures = found[0]
    priced = figures.calls - figures.unpriced
    means = {LATENCY: int(figures.duration_us / figures.spans)}
    if priced > 0:
        means[COST] = int(figures.cost_nano / priced)
    return {metric: mean for metric, mean in means.items() if mean > 0}
