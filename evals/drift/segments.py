"""Where a history was cut: what a run was made with, and how both sides of an edge compare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from evals.drift.reference import Sums
from evals.statistics import discordant, paired, permutation
from evals.statistics.arrays import Floats


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a run was made with. Empty is unknown, and differs from nothing."""

    prompt: str = ""
    model_asked: str = ""
    model_returned: str = ""
    system: str = ""
    parameters: str = ""
    tools: str = ""
    index: str = ""
    dataset: str = ""
    judge_prompt: str = ""
    judge_model: str = ""
    code: str = ""


NAMES = {
    "prompt": "prompt version", "model_asked": "model asked", "model_returned": "model returned",
    "system": "system fingerprint", "parameters": "parameters", "tools": "tools",
    "index": "retrieval index", "dataset": "dataset version", "judge_prompt": "judge's prompt",
    "judge_model": "judge's model", "code": "code version",
}  # fmt: skip
UPSTREAM = frozenset({"model_returned", "system"})  # what the provider changes by itself
JUDGE = frozenset({"judge_prompt", "judge_model"})
# What may differ between two answers of one run: several names with ", " between them.
MANY = ("model_returned", "system", "judge_model")


@dataclass(frozen=True, slots=True)
class Segment:
    """Runs from `start` up to, not with, `end`; `changed` names what differs from those before."""

    start: int
    end: int
    changed: tuple[str, ...] = ()


def changed(before: Fingerprint, after: Fingerprint) -> tuple[str, ...]:
    """The names of the fields that differ, where both are known.

    One of `MANY` differs where nothing of what answered before answers any more: servers behind one
    name take turns, and a provider moves from one to the next within days. So it must be compared
    with the first run of a segment: see `basis`.
    """
    names = [one.name for one in fields(after)]
    pairs = [(name, getattr(before, name), getattr(after, name)) for name in names]
    return tuple(name for name, old, new in pairs if old and new and _differs(name, old, new))


def _differs(name: str, old: str, new: str) -> bool:
    if name in MANY:
        return set(old.split(", ")).isdisjoint(new.split(", "))
    return old != new


def basis(first: Fingerprint, last: Fingerprint) -> Fingerprint:
    """What the next run is compared with: of `MANY` a segment's first run, of all else the last."""
    told = {name: getattr(first, name) or getattr(last, name) for name in MANY}
    return replace(last, **told)


def segments(runs: Sequence[Fingerprint]) -> tuple[Segment, ...]:
    """The history cut wherever a field changed. Each segment has a reference of its own.

    What a run does not know is taken from the one before, so that a change across a gap is seen.
    """
    found: list[Segment] = []
    first = known = Fingerprint()
    for place, run in enumerate(runs):
        differs = changed(basis(first, known), run)
        known = _filled(run, known)
        if not found or differs:
            found.append(Segment(place, place + 1, differs))
            first = known
        else:
            found[-1] = Segment(found[-1].start, place + 1, found[-1].changed)
            first = _filled(first, known)
    return tuple(found)


def _filled(run: Fingerprint, known: Fingerprint) -> Fingerprint:
    names = [one.name for one in fields(run)]
    return Fingerprint(**{name: getattr(run, name) or getattr(known, name) for name in names})


@dataclass(frozen=True, slots=True)
class Edge:
    """After less before, over the items that both sides scored. `p` is of the exact test."""

    found: paired.Paired
    counts: discordant.Counts
    p: float | None
    method: str


def across(before: Sequence[Floats], after: Sequence[Floats]) -> Edge | None:
    """The last runs before an edge and the first after it, by item; None of no item in common.

    With one run of items that pass or not on each side it is McNemar's exact test, else sign flips
    of the items' means. A CUSUM never runs across an edge.

    Source: `evals.statistics.paired`, `discordant`, `permutation`, as the gate compares versions.
    """
    if not before or not after:
        return None
    old, new = Sums.of(before), Sums.of(after)
    common = (old.counts > 0) & (new.counts > 0)
    if not common.any():
        return None
    was, became = old.means[common], new.means[common]
    counts = discordant.count(was, became)
    both = np.concatenate([was, became])
    if ((both == 0) | (both == 1)).all() and len(before) == len(after) == 1:
        p: float | None = discordant.mcnemar_exact(counts.improved, counts.regressed)
        method = "McNemar"
    else:
        flipped = permutation.sign_flip(became - was)
        p, method = (flipped.p if flipped else None), "sign flips"
    return Edge(paired.compare(was, became), counts, p, method)
