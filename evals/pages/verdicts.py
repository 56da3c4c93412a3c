"""What the deciding score says of one run: chip, effect, and the places of its pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import cached_property

from evals.models import GateRun
from evals.pages.gated import warnings_of
from evals.pages.pairing import Pairing
from evals.pages.runs import Run
from evals.pages.wording import between, chance, change, many, score

READINGS = {
    "better": ("ok", "check", "Better"),
    "worse": ("bad", "err", "Worse"),
    "noise": ("warn", "eq", "No difference beyond noise"),
    "none": ("", "info", "Nothing to compare"),
}
GATES = {
    GateRun.State.PASS: ("ok", "check"),
    GateRun.State.FAIL: ("bad", "err"),
    GateRun.State.INCONCLUSIVE: ("warn", "alert"),
    GateRun.State.ERROR: ("bad", "alert"),
    GateRun.State.RUNNING: ("info", "clock"),
    GateRun.State.CANCELLED: ("", "x"),
}


@dataclass(frozen=True)
class Plot:
    """Places of the interval plot, in percent of its width; 0 stands at 50."""

    point: float
    low: float
    high: float
    mde_left: float
    mde_width: float
    label: str


@dataclass(frozen=True)
class Bar:
    """Widths of improved, same and regressed, in percent, and where the last two begin."""

    improved: float
    same_at: float
    same: float
    regressed_at: float
    regressed: float


@dataclass(frozen=True)
class Verdict:
    """What the deciding score says of one run."""

    run: Run
    pairing: Pairing
    tone: str
    icon: str
    text: str
    effect: str
    range: str
    plot: Plot | None
    bar: Bar | None
    note: str
    gate: GateRun | None

    @cached_property
    def warnings(self) -> list[str]:
        """What the gate warns of."""
        return warnings_of(self.gate)

    @cached_property
    def effect_tone(self) -> str:
        """Of the figure itself: better and worse beyond noise have one."""
        return {"better": "ok", "worse": "bad"}.get(self.pairing.reading, "inc")


def scale_of(found: Sequence[Pairing]) -> float:
    """Half the width of every plot, so that runs are seen on one scale."""
    ends = [
        abs(end) for one in found if one.effect for end in (one.effect.low, one.effect.high)
    ] + [one.detectable for one in found if one.detectable]
    return max(ends, default=0.0) * 1.15 or 1.0


def verdict_of(run: Run, pairing: Pairing, scale: float, gate: GateRun | None) -> Verdict:
    tone, icon, text = READINGS[pairing.reading]
    if gate is not None:
        (tone, icon), text = GATES[GateRun.State(gate.state)], gate.get_state_display()
        if warned := len(warnings_of(gate)):
            text += f", {many(warned, 'warning')}"
    elif run.experiment.is_open:
        tone, icon, text = "info", "clock", f"Running, {run.percent}%"
    found, plot = pairing.effect, None
    effect = change(found.value if found else None)
    interval = between(found.low, found.high) if found else ""
    if found:
        mde = min(pairing.detectable or 0.0, scale)
        label = f"effect {effect}, 95 percent interval {interval}"
        if pairing.detectable:
            label += f"; minimum detectable effect {score(pairing.detectable)}"
        point, low, high = (
            round(50 + 50 * end / scale, 2) for end in (found.value, found.low, found.high)
        )
        left, width = round(50 - 50 * mde / scale, 2), round(100 * mde / scale, 2)
        plot = Plot(point, low, high, left, width, label)
    return Verdict(
        run, pairing, tone, icon, text, effect, interval, plot, _bar(pairing), _note(pairing), gate
    )


def _note(pairing: Pairing) -> str:
    parts = []
    if pairing.detectable is not None:
        parts.append(f"minimum detectable effect {score(pairing.detectable)}")
    if pairing.p is not None:
        parts.append(chance(pairing.p))
    if pairing.is_small and pairing.items:
        parts.append("small sample")
    return " · ".join(parts)


def _bar(pairing: Pairing) -> Bar | None:
    """Shares with a hair between them, which what is left of the others gives."""
    if not pairing.items:
        return None
    gap, n = 0.4, pairing.items
    better, worse = 100 * len(pairing.improved) / n, 100 * len(pairing.regressed) / n
    start = better + (gap if better else 0)
    end = 100 - worse - (gap if worse else 0)
    return Bar(
        round(better, 2),
        round(start, 2),
        round(max(end - start, 0), 2),
        round(100 - worse, 2),
        round(worse, 2),
    )
