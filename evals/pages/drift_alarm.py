"""An alarm as its page shows it: arms on a line, items before and since, replays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from evals.models import DriftAlarm, ScheduleRun
from evals.pages import drift_words as words
from evals.pages.matrix import title_in
from evals.pages.wording import score
from evals.queries.answers_shown import cases_of
from evals.queries.quality import Lens

Z95 = 1.959964
CALLED = {
    "old configuration": ("Previous configuration, today", "against its own past"),
    "current configuration": ("Current configuration, today", "against the previous one, today"),
    "judge": ("Stored answers, judged today", "against their own marks"),
    "canary": ("Canary, since then", "against its own past"),
}


@dataclass(frozen=True)
class ArmRow:
    """What an arm showed, with its 95 % interval on a line, places in percent."""

    title: str
    under: str
    change: str
    ends: str
    low: float
    value: float
    high: float
    tone: str
    items: int


def arms_of(alarm: DriftAlarm, lens: Lens) -> list[ArmRow]:
    """The arms that the attribution had, drawn on one scale; left is worse."""
    arms: list[dict[str, Any]] = alarm.attribution.get("arms") or []
    ends = [(one["change"] - Z95 * one["error"], one["change"] + Z95 * one["error"])
            for one in arms]  # fmt: skip
    reach = max([abs(end) for pair in ends for end in pair] or [1.0]) * 1.1 or 1.0

    def at(change: float) -> float:
        return round(50 + 50 * change / reach, 2)

    rows = []
    for one, (low, high) in zip(arms, ends, strict=True):
        title, under = CALLED.get(one["name"], (one["name"], ""))
        fell = one["z"] < -2
        shown = sorted((low, high), key=lens.change)
        rows.append(
            ArmRow(
                title, under, words.signed(one["change"], lens),
                " to ".join(words.signed(end, lens) for end in shown),
                at(low), at(one["change"]), at(high), "bad" if fell else "", one["items"],
            )
        )  # fmt: skip
    return rows


@dataclass(frozen=True)
class ItemRow:
    """An item that fell, and the numbers of the experiments where it is read."""

    key: str
    title: str
    was: str
    became: str
    before: int | None
    after: int | None


def items_of(alarm: DriftAlarm, lens: Lens, before: ScheduleRun | None) -> list[ItemRow]:
    """Those that changed most, the worst first; at a change of what runs those of both runs."""
    told: list[dict[str, Any]] = alarm.report.get("items") or _between(before, alarm.run)
    experiments = [run.experiment for run in (alarm.run, before) if run and run.experiment]
    cases = cases_of(experiments, [one["key"] for one in told]) if experiments and told else {}
    numbers = [run.experiment.number if run and run.experiment else None
               for run in (before, alarm.run)]  # fmt: skip
    return [
        ItemRow(
            one["key"], title_in(cases, one["key"]), score(lens.value(one["before"])),
            score(lens.value(one["after"])), numbers[0], numbers[1],
        )
        for one in told
    ]  # fmt: skip


def _between(before: ScheduleRun | None, after: ScheduleRun) -> list[dict[str, Any]]:
    """The items that fell from one run to another, for an alarm whose report names none."""
    if before is None:
        return []
    fell = []
    for key, was in before.scores.items():
        became = after.scores.get(key)
        if was is not None and became is not None and became < was:
            fell.append({"key": key, "before": was, "after": became})
    return sorted(fell, key=lambda one: (one["after"] - one["before"], one["key"]))[:10]


def replays_of(alarm: DriftAlarm, lens: Lens) -> list[dict[str, Any]]:
    """Each replay with where it stands."""
    rows = alarm.replays.defer("scores").select_related("experiment", "prompt_version")
    return [run_row(one, lens) for one in rows.order_by("kind", "number")]


def run_row(run: ScheduleRun, lens: Lens) -> dict[str, Any]:
    """One run of a schedule in a table."""
    icon, tone, state = words.STATES[run.state]
    return {
        "run": run,
        "icon": icon,
        "tone": tone,
        "state": state,
        "mean": score(lens.value(run.mean)),
        "verdict": words.VERDICTS.get(run.verdict, ""),
    }
