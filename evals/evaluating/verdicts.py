"""From a value to a verdict: the number that counts, and whether it passes. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from evals.evaluating.spec import AT_MOST, BOOLEAN, CATEGORY, Spec
from evals.evaluating.subject import Verdict

COUNTERPART = "counterpart"  # what an undefined pair lacks: `details.lacks` of its verdict
LONGEST_REASON = 10_000  # of a score's comment
LONGEST_ERROR = 1_000  # of the column


def verdict_of(
    spec: Spec,
    value: bool | float | str,
    reason: str = "",
    *,
    evidence: Sequence[str] = (),
    details: Mapping[str, Any] | None = None,
) -> Verdict:
    """The verdict of `value`: a number, a yes or no, or the name of a category.

    A number outside of the scale, and an unknown category, are an error: a judge that says so has
    not answered what was asked.
    """
    label: str | None = None
    if spec.data_type == CATEGORY:
        label = category_named(spec, value)
        if label is None:
            return failed(f"{str(value)[:100]!r} is none of the categories.")
        num = spec.values[spec.categories.index(label)] if spec.values else None
    elif isinstance(value, str):
        return failed(f"{value[:100]!r} is no {spec.data_type}.")
    elif spec.data_type == BOOLEAN:
        if value not in (0, 1):
            return failed(f"{value!r} is neither yes nor no.")
        num = float(value)
    else:
        num = float(value)
        if not isfinite(num) or not _is_on_scale(spec, num):
            return failed(f"{num:g} is not on the scale {scale_words(spec)}.")
    return Verdict(
        num,
        label,
        passes(spec, num),
        reason[:LONGEST_REASON],
        tuple(evidence),
        details,
    )


def undefined(reason: str, details: Mapping[str, Any] | None = None) -> Verdict:
    """There is nothing to compare with: neither 0 nor 1, and counted apart."""
    return Verdict(reason=reason, details=details)


def failed(error: str, **more: Any) -> Verdict:
    """The evaluator itself did not manage: no value of the answer."""
    return Verdict(error=error[:LONGEST_ERROR], **more)


def passes(spec: Spec, num: float | None) -> bool | None:
    """Whether `num` is on the good side of the bar, which passes itself; None: no bar, no number.

    Floating point noise does not decide: what differs from the bar by less than 1e-9 is at it.
    """
    if spec.bar is None or num is None:
        return None
    if abs(num - spec.bar) <= 1e-9 * max(1.0, abs(spec.bar)):
        return True
    return num < spec.bar if spec.bar_direction == AT_MOST else num > spec.bar


def category_named(spec: Spec, value: Any) -> str | None:
    """The category that `value` names, whatever its case and the blanks and quotes around it."""
    if not isinstance(value, str):
        return None
    if value in spec.categories:
        return value
    plain = _plain(value)
    found = [name for name in spec.categories if _plain(name) == plain]
    return found[0] if len(found) == 1 else None


def scale_words(spec: Spec) -> str:
    """The scale as a person reads it."""
    if spec.data_type == CATEGORY:
        return ", ".join(spec.categories)
    if spec.data_type == BOOLEAN:
        return "yes or no"
    low = "…" if spec.minimum is None else f"{spec.minimum:g}"
    high = "…" if spec.maximum is None else f"{spec.maximum:g}"
    return f"{low} to {high}"


def _is_on_scale(spec: Spec, num: float) -> bool:
    if spec.minimum is not None and num < spec.minimum:
        return False
    return spec.maximum is None or num <= spec.maximum


def _plain(text: str) -> str:
    return " ".join(
        text.strip().strip("\"'`*.:").replace("_", " ").replace("-", " ").split()
    ).casefold()
