"""A feature's target beside the last seven days: what holds, what does not, what nobody knows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from features.models import BarDirection, Target
from features.pages.words import bar_sign, milliseconds, number, ratio_words
from kit.figures import count, duration, percent
from traces.queries import by_feature
from traces.queries.by_feature import Quality, Traffic


@dataclass(frozen=True)
class Objective:
    """One line: what is asked, what was measured; `holds` None: nothing was."""

    name: str
    label: str
    asked: str
    measured: str
    of: str
    holds: bool | None


@dataclass(frozen=True)
class Now:
    """What the last days say. `answer` is the sentence, `tone` its colour."""

    traffic: Traffic
    objectives: list[Objective]
    quality: Quality | None
    answer: str
    tone: str


def now_of(
    project_id: int, feature: str, target: Target | None, *, since: datetime, until: datetime
) -> Now:
    """The feature in that time, beside `target` where one holds."""
    traffic = by_feature.traffic_of(project_id, feature, since=since, until=until)
    if target is None:
        return Now(traffic, [], None, "", "")
    is_most = target.bar_direction == BarDirection.AT_MOST
    quality = by_feature.quality_of(
        project_id, feature, target.metric,
        bar=target.bar, is_most=is_most, since=since, until=until,
    )  # fmt: skip
    lines = [_bar(target, quality, is_most=is_most), *_failures(target, quality)]
    if target.p95_latency_ms is not None:
        lines.append(_time("p95 latency", target.p95_latency_ms, traffic.p95_us, traffic.traces))
    if target.first_token_ms is not None:
        length, spans = by_feature.first_token_us(project_id, feature, since=since, until=until)
        lines.append(_time("First token, p95", target.first_token_ms, length, spans, "calls"))
    if target.availability_ratio is not None:
        lines.append(_availability(target.availability_ratio, traffic))
    return Now(traffic, lines, quality, *_answer(lines))


def _bar(target: Target, quality: Quality, *, is_most: bool) -> Objective:
    mean = quality.mean
    holds = None if mean is None else (mean <= target.bar if is_most else mean >= target.bar)
    return Objective(
        "score",
        target.metric,
        bar_sign(target),
        "–" if mean is None else number(round(mean, 3)),
        _of(quality.traces, "scored traces"),
        holds,
    )


def _failures(target: Target, quality: Quality) -> list[Objective]:
    asked, ratio = target.tolerated_failure_ratio, quality.missed_ratio
    if asked is None:
        return []
    return [
        Objective(
            "failures",
            "Answers that miss the bar",
            f"≤ {percent(asked)}",
            percent(ratio),
            _of(quality.traces, "scored traces"),
            None if ratio is None else ratio <= asked,
        )
    ]


def _time(
    label: str, asked_ms: int, measured_us: int | None, of: int, what: str = "requests"
) -> Objective:
    return Objective(
        "time",
        label,
        f"≤ {milliseconds(asked_ms)}",
        duration(measured_us) if measured_us is not None else "–",
        _of(of, what),
        None if measured_us is None else measured_us <= asked_ms * 1000,
    )


def _availability(asked: float, traffic: Traffic) -> Objective:
    ratio = None if traffic.error_ratio is None else 1 - traffic.error_ratio
    return Objective(
        "availability",
        "Availability",
        f"≥ {ratio_words(asked)}",
        "–" if ratio is None else ratio_words(int(ratio * 10_000) / 10_000),
        _of(traffic.traces, "requests"),
        None if ratio is None else ratio >= asked,
    )


def _of(number_of: int, what: str) -> str:
    return f"{count(number_of)} {what}"


def _answer(lines: list[Objective]) -> tuple[str, str]:
    """One sentence about all of it, and its tone."""
    missed = [line for line in lines if line.holds is False]
    unknown = [line for line in lines if line.holds is None]
    if missed:
        said = ", ".join(f"{line.label} {line.measured} ({line.asked})" for line in missed)
        return f"It does not hold in the last seven days: {said}.", "bad"
    if len(unknown) == len(lines):
        return "Nothing of it was measured in the last seven days.", "warn"
    if unknown:
        said = ", ".join(line.label for line in unknown)
        return f"What was measured in the last seven days holds; not measured: {said}.", "warn"
    return "It holds in the last seven days.", "ok"
