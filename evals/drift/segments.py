"""Where a history was cut: what a run was made with, and how both sides of an edge compare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

from evals.drift.arms import Arm, arm_of
from evals.drift.reference import Sums
from evals.drift.runs import Scale
from evals.statistics import discordant
from evals.statistics.arrays import Floats

EDGE_Z = -2.58  # a change of what runs is compared once: one in a hundred, both sides counted


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
    """After less before, over the items that both sides scored."""

    arm: Arm
    counts: discordant.Counts

    @property
    def fell(self) -> bool:
        """Whether the runs after the edge are below those before it, beyond chance."""
        return self.arm.z < EDGE_Z


def across(before: Sequence[Floats], after: Sequence[Floats], scale: Scale) -> Edge | None:
    """The last runs before an edge and the first after it, by item; None of too few runs.

    Within items, as the replays are compared: both sides ran the same frozen set, so what its items
    differ in is no chance. A test over items as if they were drawn would miss five of fifty that
    all broke. A CUSUM never runs across an edge.

    Source: `evals.drift.arms`; ADR 0021.
    """
    if not before or not after:
        return None
    old, new = Sums.of(before), Sums.of(after)
    arm = arm_of("current configuration", old, new, scale)
    if arm is None:
        return None
    common = (old.counts > 0) & (new.counts > 0)
    return Edge(arm, discordant.count(old.means[common], new.means[common]))
