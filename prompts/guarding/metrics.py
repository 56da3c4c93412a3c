"""Metrics of a rollout: how each is measured, what margin halts, and the guards that are usual.

A guard stands in `Rollout.guards` as `{"metric", "margin", …}`: `metric` is errors, latency, cost,
thumbs_down or `score:NAME`. What a ceiling is cut at, and how much values of one user hang together
(`design_effect`), is fixed when a rollout begins, from what the version that serves did before;
until the ceiling is known, its guard waits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kit.intervals import Guard, Measure
from kit.intervals.guards import Worse

ERRORS, LATENCY, COST, THUMBS = "errors", "latency", "cost", "thumbs_down"
SCORE = "score:"
CEILING_TIMES = 10  # of the old mean: a latency or cost above it counts as that much
ALPHA = 0.05  # chance that any guard halts a rollout with which nothing is wrong


class BadGuard(ValueError):
    """A guard cannot be: the text says what is wrong with which one."""


@dataclass(frozen=True)
class Metric:
    """How something is measured and called. `unit` divides the stored values for people."""

    key: str
    name: str
    measure: Measure
    worse: Worse
    unit: float = 1.0


_FIXED = {
    ERRORS: Metric(ERRORS, "Errors", "rate", "higher"),
    LATENCY: Metric(LATENCY, "Latency", "ratio", "higher", 1_000_000),
    COST: Metric(COST, "Cost per request", "ratio", "higher", 1_000_000_000),
    THUMBS: Metric(THUMBS, "Thumbs down", "rate", "higher"),
}


@dataclass(frozen=True)
class ScoreRange:
    """What a score definition says: where values lie, and whether more is better."""

    name: str
    is_boolean: bool
    minimum: float
    maximum: float
    more_is_better: bool


def metric_of(key: str, scores: Mapping[str, ScoreRange]) -> Metric:
    """The metric of a key. Raises: BadGuard for one that nobody knows."""
    if key in _FIXED:
        return _FIXED[key]
    name = key.removeprefix(SCORE)
    known = scores.get(name) if key.startswith(SCORE) else None
    if known is None:
        raise BadGuard(
            f"{key[:100]!r} is no metric: there are {', '.join(_FIXED)}, and score:NAME of a score "
            "that is defined with a least and a greatest value, or as yes or no."
        )
    worse: Worse = "lower" if known.more_is_better else "higher"
    return Metric(key, known.name, "rate" if known.is_boolean else "mean", worse)


def usual_guards(scores: Sequence[ScoreRange] = ()) -> list[dict[str, Any]]:
    """What guards a rollout that says nothing of them: a point of errors, a fifth of time and cost,
    two points of thumbs down, and a twentieth of the range of each primary score."""
    guards: list[dict[str, Any]] = [
        {"metric": ERRORS, "margin": 0.01},
        {"metric": LATENCY, "margin": 0.2},
        {"metric": COST, "margin": 0.2},
        {"metric": THUMBS, "margin": 0.02},
    ]
    for score in scores:
        reach = 1.0 if score.is_boolean else score.maximum - score.minimum
        guards.append({"metric": f"{SCORE}{score.name}", "margin": round(0.05 * reach, 6)})
    return guards


def checked_guards(
    guards: Sequence[Mapping[str, Any]], scores: Mapping[str, ScoreRange]
) -> list[dict[str, Any]]:
    """The guards as they are kept. Raises: BadGuard, naming the one."""
    kept: dict[str, dict[str, Any]] = {}
    for index, given in enumerate(guards):
        where = f"guards[{index}]"
        if not isinstance(given, Mapping) or set(given) - {"metric", "margin"}:
            raise BadGuard(f"{where}: a guard has a metric and a margin.")
        metric = metric_of(str(given.get("metric", "")), scores)
        margin = given.get("margin")
        if isinstance(margin, bool) or not isinstance(margin, int | float) or not 0 <= margin < 1e9:
            raise BadGuard(f"{where}: the margin is a number from 0.")
        if metric.measure == "rate" and margin > 1:
            raise BadGuard(f"{where}: the margin of a rate is a share of 1, such as 0.01.")
        if metric.key in kept:
            raise BadGuard(f"{where}: {metric.key} is guarded twice.")
        kept[metric.key] = {"metric": metric.key, "margin": float(margin)}
    return list(kept.values())


def guard_of(given: Mapping[str, Any], scores: Mapping[str, ScoreRange]) -> Guard | None:
    """The test of a kept guard; None while its ceiling is not known. Raises: BadGuard."""
    metric = metric_of(given["metric"], scores)
    margin = float(given["margin"])
    spread = float(given.get("design_effect", 1.0))
    if metric.measure == "rate":
        return Guard(metric.name, "rate", margin, metric.worse, design_effect=spread)
    if metric.measure == "ratio":
        if not (ceiling := given.get("ceiling")):
            return None
        return Guard(metric.name, "ratio", margin, ceiling=float(ceiling), design_effect=spread)
    known = scores[metric.key.removeprefix(SCORE)]
    return Guard(metric.name, "mean", margin, metric.worse, known.minimum, known.maximum)


def score_names(guards: Sequence[Mapping[str, Any]]) -> list[str]:
    """Names of the scores that guards look at."""
    keys = (str(given["metric"]) for given in guards)
    return [key.removeprefix(SCORE) for key in keys if key.startswith(SCORE)]
