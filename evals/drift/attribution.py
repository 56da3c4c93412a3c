"""Whose change was it: the provider's, the team's, the judge's? By running both again today."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Literal

from evals.drift import telling
from evals.drift.arms import Arm, Name, arm_of
from evals.drift.reference import Sums
from evals.drift.runs import Scale

Verdict = Literal["upstream", "own", "both", "judge", "none", "not enough items"]
Confidence = Literal["strong", "moderate", ""]

REPLAYS = 3  # of each configuration
LEAST_ITEMS = 30
_LEAST_POWER = 2.0  # errors that the drop in question must measure: found in half of the cases
_STRONG, _CLEAR, _STILL = -3.0, -2.5, -1.0


@dataclass(frozen=True, slots=True)
class Pair:
    """Scores of the same items, then and now."""

    earlier: Sums
    later: Sums


@dataclass(frozen=True, slots=True)
class Replay:
    """What both configurations score today, and what the previous one scored in its own time."""

    old_then: Sums
    old_today: Sums
    current_today: Sums


@dataclass(frozen=True, slots=True)
class Attribution:
    """The verdict, how sure it is, what each arm showed, and sentences for a person.

    `replays` is how many of each configuration would be enough, where there were not.
    """

    verdict: Verdict
    confidence: Confidence
    arms: tuple[Arm, ...]
    sentences: tuple[str, ...]
    replays: int | None = None


def attribute(
    scale: Scale, *, drop: float | None = None, replay: Replay | None = None,
    judge: Pair | None = None, canary: Pair | None = None,
) -> Attribution:  # fmt: skip
    """Whose change a drop was; `drop` is its size (positive, the alarm's effect), else ten points.

    The judge comes first: where stored outputs get worse marks, by half of the drop and more,
    nothing that it marked can be compared. Then the replay: old configuration today below its own
    past is the provider's, current below old today is the team's own, both are both. Without a
    replay the canary speaks for the provider alone. Each arm has fallen below z = −2. One that has
    barely fallen, beside one that nearly did, names nobody: the old configuration's runs of today
    stand in both comparisons, so a chance in them lifts one and lowers the other.

    Source: this rule by simulation (docs/drift.md); the test is `arms.arm_of`.
    """
    looked_for = drop if drop else 0.1 * scale.span
    judged = _compared("judge", judge, scale)
    bird = _compared("canary", canary, scale)
    old = current = None
    if replay is not None:
        then = Pair(replay.old_then, replay.old_today)
        old = _compared("old configuration", then, scale)
        today = Pair(replay.old_today, replay.current_today)
        current = _compared("current configuration", today, scale)
    arms = tuple(arm for arm in (judged, old, current, bird) if arm is not None)
    deciding: tuple[Arm, ...] = ()
    verdict: Verdict = "not enough items"
    replays = None
    if judged is not None and _explains(judged, looked_for):
        verdict, deciding = "judge", (judged,)
    elif old is not None and current is not None:
        verdict, deciding = _of_replay(old, current), (old, current)
    elif bird is not None:
        verdict, deciding = "upstream" if bird.fell else "none", (bird,)
    if verdict != "judge" and not all(_can_see(arm, looked_for) for arm in deciding):
        verdict, replays = "not enough items", _replays(deciding, looked_for)
    elif verdict in ("upstream", "own") and _is_torn(deciding):
        verdict, replays = "not enough items", 2 * max(arm.later for arm in deciding)
    confidence = _confidence(verdict, deciding)
    told = telling.sentences(
        verdict, confidence, arms, scale, replays=replays, looked_for=looked_for
    )
    return Attribution(verdict, confidence, arms, told, replays)


def _explains(judged: Arm, looked_for: float) -> bool:
    """Whether the judge's fall makes up most of the drop; a small one is told beside the cause."""
    is_enough = judged.items >= LEAST_ITEMS and -judged.change >= looked_for / 2
    return judged.fell and is_enough


def _compared(name: Name, pair: Pair | None, scale: Scale) -> Arm | None:
    return None if pair is None else arm_of(name, pair.earlier, pair.later, scale)


def _of_replay(old: Arm, current: Arm) -> Verdict:
    if old.fell and current.fell:
        return "both"
    return "upstream" if old.fell else "own" if current.fell else "none"


def _is_torn(deciding: tuple[Arm, ...]) -> bool:
    fell = [arm.z for arm in deciding if arm.fell]
    stood = [arm.z for arm in deciding if not arm.fell]
    return bool(stood) and fell[0] > _CLEAR and stood[0] < _STILL


def _can_see(arm: Arm, looked_for: float) -> bool:
    return arm.items >= LEAST_ITEMS and looked_for >= _LEAST_POWER * arm.error


def _replays(deciding: tuple[Arm, ...], looked_for: float) -> int | None:
    """How many replays would do; None where it is items that are missing."""
    if not deciding or any(arm.items < LEAST_ITEMS for arm in deciding):
        return None
    arm = max(deciding, key=lambda one: one.error)
    return max(ceil(arm.later * (_LEAST_POWER * arm.error / looked_for) ** 2), arm.later + 1)


def _confidence(verdict: Verdict, deciding: tuple[Arm, ...]) -> Confidence:
    """Strong where what fell fell far, and what did not hardly moved."""
    if verdict == "not enough items":
        return ""
    sure = all(arm.z < _STRONG if arm.fell else arm.z > _STILL for arm in deciding)
    return "strong" if sure else "moderate"
