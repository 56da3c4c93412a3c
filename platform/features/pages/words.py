"""A target as people read it: its bar, its lines, and what differs between two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from features.models import BarDirection, BlastRadius, SensitiveData, Target
from features.terms import Terms, terms_of
from kit.figures import count, duration, money, percent

_SIGNS = {BarDirection.AT_LEAST: "≥", BarDirection.AT_MOST: "≤"}


@dataclass(frozen=True)
class Line:
    """One thing that a target says; `text` is '' where it says nothing of it."""

    name: str
    label: str
    text: str


@dataclass(frozen=True)
class Difference:
    """One thing that two targets say differently."""

    label: str
    before: str
    after: str


def number(value: float) -> str:
    """`0.85`, `3`: as few digits as say it."""
    return f"{value:.10g}"


def bar_words(target: Target | Terms) -> str:
    """`faithfulness ≥ 0.85`."""
    return f"{target.metric} {bar_sign(target)}"


def bar_sign(target: Target | Terms) -> str:
    """`≥ 0.85`."""
    return f"{_SIGNS[BarDirection(target.bar_direction)]} {number(target.bar)}"


def choices(values: list[str] | tuple[str, ...], labels: dict[str, str]) -> str:
    """The labels of stored words, in order."""
    return ", ".join(labels.get(value, value) for value in values)


_BLAST = {choice.value: choice.label for choice in BlastRadius}
_DATA = {choice.value: choice.label for choice in SensitiveData}

_LINES: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
    ("bar", "Pass bar", bar_words),
    ("margin", "Margin", lambda said: number(said.margin)),
    (
        "smallest_sample",
        "Smallest sample",
        lambda said: f"{count(said.smallest_sample)} items" if said.smallest_sample else "",
    ),
    ("slices", "Slices that must each hold", lambda said: ", ".join(said.slices)),
    ("business_metric", "Business metric", lambda said: said.business_metric),
    ("business_note", "What it stands for", lambda said: said.business_note),
    (
        "tolerated_failure_ratio",
        "Tolerated failures",
        lambda said: _known(said.tolerated_failure_ratio, percent),
    ),
    ("bad_output_usd", "Cost of a bad output", lambda said: _known(said.bad_output_usd, money)),
    ("blast_radius", "Blast radius", lambda said: choices(said.blast_radius, _BLAST)),
    ("blast_note", "How far it reaches", lambda said: said.blast_note),
    ("regulatory_regime", "Regulatory regime", lambda said: said.regulatory_regime),
    ("sensitive_data", "Sensitive data", lambda said: choices(said.sensitive_data, _DATA)),
    ("p95_latency_ms", "p95 latency", lambda said: _known(said.p95_latency_ms, milliseconds)),
    ("first_token_ms", "First token, p95", lambda said: _known(said.first_token_ms, milliseconds)),
    (
        "availability_ratio",
        "Availability",
        lambda said: _known(said.availability_ratio, ratio_words),
    ),
)


def lines_of(target: Target | Terms) -> list[Line]:
    """Everything a target can say, in order."""
    return [Line(name, label, read(target)) for name, label, read in _LINES]


def differences(before: Target | None, after: Target) -> list[Difference]:
    """What `after` says otherwise than `before`; of none it is all that it says."""
    was = {line.name: line.text for line in lines_of(terms_of(before))} if before else {}
    return [
        Difference(line.label, was.get(line.name, ""), line.text)
        for line in lines_of(after)
        if line.text != was.get(line.name, "")
    ]


def milliseconds(length: int) -> str:
    """`840 ms`, `2.5 s`."""
    return duration(length * 1000)


def ratio_words(ratio: float) -> str:
    """`99.95%`: with all its digits, unlike other ratios, for each nine counts."""
    return f"{number(round(ratio * 100, 8))}%"


def _known(value: Any, read: Callable[[Any], str]) -> str:
    return "" if value is None else read(value)
