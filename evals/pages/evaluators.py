"""What pages show of evaluators: settings in words, what differs, a verdict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from evals.evaluating.comparing import bar_words, settings_in_words, value_words
from evals.evaluating.settings import Terms, check_of
from evals.evaluating.spec import BOOLEAN, CATEGORY
from evals.evaluating.subject import Verdict
from evals.models import Evaluator, EvaluatorVersion
from evals.queries.evaluators import terms_of
from evals.services.trying import Tried
from prompts.diff.alignment import Effort
from prompts.diff.lines import rows_of
from prompts.diff.model import UnifiedRow, unified

STEPS = 2_000_000  # of comparing texts; a rubric takes some thousands


@dataclass(frozen=True, slots=True)
class Line:
    """A setting with its value; `is_long` values stand on lines of their own."""

    label: str
    words: str
    is_long: bool = False


def lines_of(evaluator: Evaluator, version: EvaluatorVersion) -> list[Line]:
    """How a version scores, for a person."""
    terms = terms_of(version)
    check = check_of(evaluator.kind, version.config)
    found = [Line("Checks", f"{check.label}: {check.says}")] if check else []
    for setting, words in settings_in_words(evaluator.kind, version.config):
        long = setting.takes in ("text", "schema", "json") or "\n" in words or len(words) > 120
        if setting.name != "meanings":
            found.append(Line(setting.label, words, long))
    found.append(Line("Says", scale_words(terms)))
    found.append(Line("Passes", bar_words(terms) or "nothing passes or fails: it has no bar"))
    if terms.model:
        whose = f" of {terms.provider}" if terms.provider else ""
        found.append(Line("Model", f"{terms.model}{whose}"))
    if terms.parameters:
        found.append(Line("Parameters", ", ".join(f"{k} {v}" for k, v in terms.parameters.items())))
    return found


def scale_words(terms: Terms) -> str:
    """What it may say."""
    if terms.data_type == BOOLEAN:
        return "yes or no"
    meanings = terms.config.get("meanings") or {}
    if terms.data_type == CATEGORY:
        pairs = zip(terms.categories, terms.values, strict=False)
        named = [
            f"{name} ({value:g}){': ' + meanings[name] if meanings.get(name) else ''}"
            for name, value in pairs
        ]
        return "; ".join(named)
    low = "" if terms.minimum is None else f" from {terms.minimum:g}"
    high = "" if terms.maximum is None else f" to {terms.maximum:g}"
    steps = "; ".join(f"{name}: {text}" for name, text in meanings.items())
    return f"a number{low}{high}" + (f" ({steps})" if steps else "")


@dataclass(frozen=True, slots=True)
class Change:
    """A setting that differs between two versions; `rows` compares long texts word by word."""

    label: str
    before: str
    after: str
    rows: tuple[UnifiedRow, ...] = ()


def changes_between(
    evaluator: Evaluator, old: EvaluatorVersion, new: EvaluatorVersion
) -> list[Change]:
    """What differs, the rubric by words."""
    found, effort = [], Effort(STEPS)
    for label, before, after, long in _pairs(evaluator, old, new):
        if before == after:
            continue
        rows = tuple(unified(rows_of(before, after, effort))) if long else ()
        found.append(Change(label, before, after, rows))
    return found


def _pairs(
    evaluator: Evaluator, old: EvaluatorVersion, new: EvaluatorVersion
) -> Iterable[tuple[str, str, str, bool]]:
    before, after = terms_of(old), terms_of(new)
    check = check_of(evaluator.kind, new.config)
    for setting in check.settings if check else ():
        if setting.name == "meanings":
            continue
        one, two = old.config.get(setting.name), new.config.get(setting.name)
        yield (
            setting.label,
            value_words(setting, one),
            value_words(setting, two),
            setting.takes in ("text", "schema"),
        )
    yield "Says", scale_words(before), scale_words(after), False
    yield "Passes", bar_words(before), bar_words(after), False
    yield "Model", before.model, after.model, False
    yield "Provider", before.provider, after.provider, False
    yield "Parameters", str(dict(before.parameters)), str(dict(after.parameters)), False


@dataclass(frozen=True, slots=True)
class ShownVerdict:
    """A verdict as the page of a try-out shows it."""

    verdict: Verdict
    value: str
    tone: str
    quotes: list[dict[str, Any]]
    claims: list[dict[str, Any]]
    orders: list[dict[str, Any]]


def shown_verdict(verdict: Verdict, version: EvaluatorVersion) -> ShownVerdict:
    """What is said, in which tone, and the pieces that it rests on."""
    details = verdict.details or {}
    tone = "" if verdict.passed is None else "ok" if verdict.passed else "bad"
    return ShownVerdict(
        verdict,
        value_of(verdict.num, verdict.label, version.data_type),
        "warn" if verdict.error else tone,
        _listed(details, "quotes"),
        _listed(details, "claims") or _listed(details, "facts"),
        _listed(details, "orders"),
    )


def value_of(num: float | None, label: str | None, data_type: str) -> str:
    """A value for a person; undefined where there is none."""
    if label is not None:
        return label
    if num is None:
        return "undefined"
    if data_type == BOOLEAN:
        return "yes" if num else "no"
    return f"{num:.4g}"


def _listed(details: Any, name: str) -> list[dict[str, Any]]:
    found = details.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


@dataclass(frozen=True, slots=True)
class Checked:
    """A template's examples as a model judged them."""

    tried: list[Tried]
    agree: int
    said: int
    cost_nano: int | None

    @property
    def errors(self) -> int:
        """Of how many the judge said nothing."""
        return len(self.tried) - self.said


def checked_examples(tried: list[Tried]) -> Checked:
    """How many of the examples got the category that they are labelled with."""
    said = [one for one in tried if one.agrees is not None]
    costs = [one.verdict.cost_nano for one in tried]
    known = [cost for cost in costs if cost is not None]
    total = sum(known) if len(known) == len(costs) else None
    return Checked(tried, sum(one.agrees is True for one in said), len(said), total)
