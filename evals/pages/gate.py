"""Gates as their pages show them: settings in words, changes field by field, the interval."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from evals.deciding import words
from evals.deciding.measures import MEASURES
from evals.deciding.settings import Chosen, GuardSetting, Settings
from evals.models import GateRun
from kit import figures

MOST_KEYS = 100
ROLES = {"primary": "decides", "guard": "guards", "advisory": "informs"}
TONES = {
    "pass": "ok", "fail": "bad", "inconclusive": "warn", "error": "bad", "running": "",
    "cancelled": "",
}  # fmt: skip
ICONS = {
    "pass": "check", "fail": "err", "inconclusive": "alert", "error": "err", "running": "clock",
    "cancelled": "x",
}  # fmt: skip
_UNITS = {"cost": 1_000_000_000, "p95_latency": 1_000, "p95_first_token": 1_000}


@dataclass(frozen=True)
class Line:
    """One setting in words; `was` where it is another one now."""

    name: str
    text: str
    was: str | None = None


def lines_of(settings: Settings, *, feature: str = "") -> list[Line]:
    """What a gate asks, a line each."""
    return [Line(name, text) for name, text in _told(settings).items() if text]


def changes_of(before: Settings | None, after: Settings) -> list[Line]:
    """The settings that differ, with what they were; all of a new gate."""
    if before is None:
        return lines_of(after)
    old, new = _told(before), _told(after)
    return [
        Line(name, text or "none", old[name] or "none")
        for name, text in new.items()
        if text != old[name]
    ]


def _told(settings: Settings) -> dict[str, str]:
    cap = settings.cost_cap_nano
    return {
        "Dataset": f"{settings.dataset}@{settings.dataset_version}",
        "Held-out items": "asked" if settings.with_held_out else "not asked",
        "Decides": evaluator_words(settings.primary),
        "Bar": "" if settings.bar is None else f"{_side(settings.primary)} {settings.bar:g}",
        "Margin": f"{settings.margin:g}",
        "Guards": ", ".join(
            [evaluator_words(one) for one in settings.evaluators if one.role == "guard"]
            + [guard_words(one) for one in settings.guards]
        ),
        "Informs": ", ".join(
            evaluator_words(one) for one in settings.evaluators if one.role == "advisory"
        ),
        "Slices": ", ".join(settings.slices),
        "Smallest sample": f"{settings.smallest_sample:,}" if settings.smallest_sample else "",
        "Repeats": str(settings.repeats),
        "Feature": settings.feature,
        "Model": " at ".join(filter(None, (settings.model, settings.provider)))
        or "the version's own",
        "Cost cap": "" if cap is None else figures.money(cap),
        "State": "on" if settings.is_enabled else "switched off",
    }


def _side(chosen: Chosen) -> str:
    return "≥" if chosen.direction == "at_least" else "≤"


def evaluator_words(chosen: Chosen) -> str:
    """`tone v2 (bar ≥ 0.8, margin 0.05)`."""
    more = []
    if chosen.bar is not None:
        more.append(f"bar {_side(chosen)} {chosen.bar:g}")
    if chosen.margin is not None:
        more.append(f"margin {chosen.margin:g}")
    return f"{chosen} ({', '.join(more)})" if more else str(chosen)


def guard_words(guard: GuardSetting) -> str:
    """`Cost per answer ≤ +10%`."""
    unit = "%" if guard.kind == "relative" else " points"
    text = f"{MEASURES[guard.metric].name} ≤ +{figures.percent(guard.margin).rstrip('%')}{unit}"
    if guard.limit is None:
        return text
    if guard.metric == "cost":
        return f"{text}, ≤ {figures.money(round(guard.limit))}"
    if guard.metric in _UNITS:
        return f"{text}, ≤ {figures.duration(round(guard.limit * 1000))}"
    return f"{text}, ≤ {figures.percent(guard.limit)}"


@dataclass(frozen=True)
class Plot:
    """The interval of the effect on a line, places in percent from the left."""

    low: float
    high: float
    value: float
    zero: float
    margin: float | None  # where a loss as large as allowed lies
    margin_words: str
    tone: str


def plot_of(verdict: dict[str, Any]) -> Plot | None:
    """The effect with its interval, turned so that right is better; None without one."""
    primary = verdict.get("primary") or {}
    ends, change = primary.get("interval"), primary.get("change")
    if not ends or change is None:
        return None
    sign = -1 if primary.get("direction") == "at_most" else 1
    low, high = sorted(sign * one for one in ends)
    margin = float(primary.get("margin") or 0)
    reach = max(abs(low), abs(high), margin * 1.3, 1e-9) * 1.1

    def at(value: float) -> float:
        return float(round(50 + 50 * value / reach, 2))

    tone = {"pass": "ok", "fail": "bad"}.get(verdict.get("state", ""), "inc")
    return Plot(
        at(low), at(high), at(sign * change), 50.0, at(-margin),
        f"{'+' if sign < 0 else '−'}{margin:g}", tone,
    )  # fmt: skip


def slices_of(verdict: dict[str, Any]) -> list[tuple[dict[str, Any], str]]:
    """The slices, with what changed in words; of the new version alone its mean."""
    return [
        (one, words.number(one["new"]) if one["change"] is None else words.signed(one["change"]))
        for one in verdict.get("slices", ())
    ]


def reasons_of(verdict: dict[str, Any]) -> list[str]:
    """Why it does not pass, where there is more to say than the summary does."""
    reasons: list[str] = verdict.get("reasons", [])
    return reasons if len(reasons) > 1 else []


@dataclass(frozen=True)
class Flipped:
    """Items that went from one side to the other; `more` are not listed."""

    title: str
    tone: str
    keys: list[str]
    count: int

    @property
    def more(self) -> int:
        """How many are not listed."""
        return self.count - len(self.keys)


def flips_of(verdict: dict[str, Any]) -> list[Flipped]:
    """What flipped, the failures first; what changed at all where nothing has a bar."""
    named = (
        ("Pass no more", "bad", "to_fail"), ("Pass now", "ok", "to_pass"),
    )  # fmt: skip
    found = [_flipped(title, tone, verdict.get(key, ())) for title, tone, key in named]
    if any(one.count for one in found):
        return [one for one in found if one.count]
    other = (("Worse", "bad", "regressed"), ("Better", "ok", "improved"))
    return [
        one for one in (_flipped(title, tone, verdict.get(key, ())) for title, tone, key in other)
        if one.count
    ]  # fmt: skip


def _flipped(title: str, tone: str, keys: Iterable[str]) -> Flipped:
    listed = list(keys)
    return Flipped(title, tone, listed[:MOST_KEYS], len(listed))


def question_of(run: GateRun) -> str:
    """`v15 beside v14`, `v14 under small beside v14`, `v1 by its bar`."""
    under = f" under {run.model}" if run.model else ""
    beside = f"beside v{run.baseline.number}" if run.baseline else "by its bar"
    return f"v{run.candidate.number}{under} {beside}"
