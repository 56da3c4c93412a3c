"""How an attribution reads."""

from __future__ import annotations

from collections.abc import Sequence

from evals.drift.arms import Arm
from evals.drift.runs import Scale

VERDICTS = {
    "upstream": "The provider's change: the old configuration, run again today, is worse than "
    "it was.",
    "own": "Our own change: run today, the current configuration is worse than the old one, "
    "which is as good as it was.",
    "both": "Both changed: the old configuration is worse than it was, and the current one is "
    "worse still.",
    "judge": "The judge changed: answers that were stored long ago get worse marks than they did. "
    "Nothing that it judged can be compared until it is calibrated again.",
    "none": "Nothing that was run again is worse than it was: the drop has gone, or it is in the "
    "data.",
    "not enough items": "Too little was run again to say whose change it was.",
}
CANARY = "The provider's change: a fixed prompt that nobody touched is worse than it was, too."
NO_CANARY = "A fixed prompt that nobody touched is as good as it was: this is hardly the provider."
_CALLED = {
    "old configuration": "Old configuration, today against its own past",
    "current configuration": "Current configuration against the old one, both today",
    "judge": "Stored answers judged again",
    "canary": "Canary, today against its own past",
}


def sentences(
    verdict: str, confidence: str, arms: Sequence[Arm], scale: Scale, *, replays: int | None,
    looked_for: float,
) -> tuple[str, ...]:  # fmt: skip
    """The verdict, why it is not sure where it is not, then what each arm showed."""
    names = {arm.name for arm in arms}
    first = VERDICTS[verdict]
    if "current configuration" not in names and "canary" in names:
        first = {"upstream": CANARY, "none": NO_CANARY}.get(verdict, first)
    told = [first]
    if verdict == "not enough items":
        told.append(_missing(arms, scale, replays, looked_for))
    elif confidence == "moderate":
        told.append("This is near the limit: more replays would make it surer.")
    told += [_shown(arm, scale) for arm in arms]
    told += _judge_beside(verdict, arms, scale)
    told += _canary_beside(verdict, arms)
    return tuple(told)


def amount(value: float, scale: Scale) -> str:
    """`10.0 points` of shares of one, `0.20` of other scales."""
    if scale.span == 1:
        return f"{abs(value) * 100:.1f} points"
    return f"{abs(value):.2f}"


def _shown(arm: Arm, scale: Scale) -> str:
    way = "lower" if arm.change < 0 else "higher"
    z = f"{arm.z:.1f}".replace("-", "−")
    return (
        f"{_CALLED[arm.name]}: {amount(arm.change, scale)} {way} "
        f"({_signed(arm.low, scale)} to {_signed(arm.high, scale)}; z = {z}; "
        f"{arm.items:,} items, {arm.earlier:,} and {arm.later:,} runs)."
    )


def _signed(value: float, scale: Scale) -> str:
    text = f"{value * 100:+.1f}" if scale.span == 1 else f"{value:+.2f}"
    return text.replace("-", "−")


def _missing(arms: Sequence[Arm], scale: Scale, replays: int | None, looked_for: float) -> str:
    if not arms:
        return "Run the old configuration and the current one again, three times each."
    if replays is None:
        return "The set has too few items: at least 30 are needed."
    again = f"Run each configuration {replays:,} times."
    if any(arm.fell for arm in arms):
        return f"The drop may be in either step, or in both. {again}"
    return f"A drop of {amount(looked_for, scale)} would not be told from chance. {again}"


def _judge_beside(verdict: str, arms: Sequence[Arm], scale: Scale) -> list[str]:
    """What a judge that fell, but less than half as far, adds to another cause."""
    judged = next((arm for arm in arms if arm.name == "judge"), None)
    if judged is None or verdict == "judge" or not judged.fell:
        return []
    return [f"The judge is harsher, too: {amount(judged.change, scale)} of the drop are its."]


def _canary_beside(verdict: str, arms: Sequence[Arm]) -> list[str]:
    """What a canary adds to a replay: another witness, or a contradiction."""
    bird = next((arm for arm in arms if arm.name == "canary"), None)
    if bird is None or all(arm.name != "current configuration" for arm in arms):
        return []
    if verdict in ("upstream", "both"):
        return ["The canary fell too." if bird.fell else "The canary did not fall."]
    if verdict in ("own", "none") and bird.fell:
        return ["The canary fell, which speaks for the provider all the same."]
    return []
