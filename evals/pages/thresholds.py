"""The chart of a judge's threshold: precision and recall by where its bar stands. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from evals.models import Calibration, EvaluatorVersion

PLOT_HEIGHT, PLOT_TOP = 110.0, 6.0


@dataclass(frozen=True, slots=True)
class Plot:
    """Precision and recall by threshold: polylines in a box of 1000, and the chosen place."""

    points: list[dict[str, Any]]
    precision: str
    recall: str
    chosen: dict[str, Any]
    ticks: list[dict[str, str]]
    low: float
    high: float
    index: int


def plot(found: Calibration, version: EvaluatorVersion, wanted: float | None) -> Plot | None:
    """The threshold's chart with the bar at `wanted`, else at the version's; None without one."""
    rows = found.figures.get("thresholds") or []
    if len(rows) < 2 or version.bar is None:
        return None
    live = found.figures.get("live") or {}
    numbers, judged = live.get("numbers") or [], int(live.get("judged", 0))
    low, high = float(rows[0]["at"]), float(rows[-1]["at"])
    is_most = version.bar_direction == "at_most"
    points = []
    for row in rows:
        at = float(row["at"])
        failing = sum(
            times for number, times in numbers if (number > at if is_most else number < at)
        )
        points.append(
            {
                "at": f"{at:.2f}",
                "x": f"{100 * (at - low) / (high - low):.2f}%",
                "precision": row["precision"],
                "recall": row["recall"],
                "flagged": row["flagged"],
                "live": failing / judged if judged else None,
            }
        )
    target = version.bar if wanted is None else wanted
    index = min(range(len(rows)), key=lambda place: abs(float(rows[place]["at"]) - target))
    steps = [round(place * (len(rows) - 1) / 4) for place in range(5)]
    ticks = [{"text": points[at]["at"], "x": points[at]["x"]} for at in dict.fromkeys(steps)]
    chosen = points[index] | {
        "y1": _y(points[index]["precision"]),
        "y2": _y(points[index]["recall"]),
        "is_bar": abs(float(rows[index]["at"]) - version.bar) < 1e-9,
    }
    lines = [_polyline(points, name) for name in ("precision", "recall")]
    return Plot(points, lines[0], lines[1], chosen, ticks, low, high, index)


def _y(share: float | None) -> str:
    return f"{PLOT_TOP + PLOT_HEIGHT * (1 - (share or 0.0)):.1f}"


def _polyline(points: Sequence[dict[str, Any]], name: str) -> str:
    known = [(one["x"], one[name]) for one in points if one[name] is not None]
    return " ".join(f"{10 * float(x[:-1]):.1f},{_y(share)}" for x, share in known)
