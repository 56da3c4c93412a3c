"""Facets beside the list: what its traces have in common. A click edits the query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from traces.queries import facets
from traces.queries.criteria import ANY_ENVIRONMENT
from traces.queries.facets import COSTS, LATENCIES, FacetValue
from traces.queries.sampling import sampled_away
from traces.queries.score_bands import ScoreBands, count_scores
from traces.queries.scores import outcome_names, score_names
from traces.query import chips
from traces.query.nodes import Or
from traces.query.render import written_name
from traces.query.values import quoted
from traces.views.listing import Listing

_STATES = ("ok", "recovered", "error", "running")
_GROUPS = (
    ("env", "Environment"),
    ("status", "Status"),
    ("feature", "Feature"),
    ("name", "Name"),
    ("kind", "Kind"),
    ("model", "Model"),
    ("prompt", "Prompt version"),
    ("user", "User"),
    ("tag", "Tag"),
    ("release", "Release"),
)
_OPEN = frozenset({"status", "feature", "model", "prompt"})
_LATENCY_WORDS = ("below 1 s", "1 to 3 s", "3 to 10 s", "above 10 s")
_COST_WORDS = ("below $0.01", "$0.01 to $0.10", "$0.10 to $1", "above $1")


@dataclass(frozen=True)
class Value:
    """One line of a facet: where a click leads, and where Alt and a click do."""

    text: str
    count: int
    width: str
    href: str
    exclude: str
    is_chosen: bool


@dataclass(frozen=True)
class Group:
    """One facet."""

    name: str
    word: str
    values: list[Value]
    different: int
    is_open: bool


def facets_context(listing: Listing) -> dict[str, Any]:
    """Counts of the newest traces of the list, by what they have."""
    project_id = listing.project.pk
    counted = facets.count_facets(project_id, listing.criteria)
    values = counted.values
    found = []
    if "status" in values:
        values["status"] = _states(listing, values["status"])
    for name, word in _GROUPS:
        if lines := _lines(listing, name, values.get(name, [])):
            different = counted.different.get(name, len(lines))
            is_open = name in _OPEN or any(line.is_chosen for line in lines)
            found.append(Group(name, word, lines, different, is_open))
    if counted.total:
        found += _scores(listing, count_scores(project_id, listing.criteria, counted.total))
    for name, word, table, words in (
        ("cost", "Cost", COSTS, _COST_WORDS),
        ("latency", "Duration", LATENCIES, _LATENCY_WORDS),
    ):
        found += _bands(listing, name, word, table, words, values.get(name, []))
    return {
        "groups": found,
        "total": counted.total,
        "is_capped": counted.is_capped,
        "is_upper_bound": counted.is_upper_bound,
        "is_too_wide_to_count": counted.is_too_wide,
        "sampled": sampled_away(project_id, listing.range.since, listing.range.until),
        "environments": _environments(listing),
        "score_names": score_names(project_id),
        "outcome_names": outcome_names(project_id),
    }


def _states(listing: Listing, counted: list[FacetValue]) -> list[FacetValue]:
    """The states in their order; each trace is in one of them."""
    known = {value.value: value.count for value in counted}
    return [FacetValue(word, known[word]) for word in _STATES if known.get(word)]


def _lines(listing: Listing, name: str, counted: list[FacetValue]) -> list[Value]:
    most = max((value.count for value in counted), default=0)
    lines = []
    for value in counted:
        text = value.value.rstrip("/") if name == "prompt" else value.value
        if line := _line(listing, name, text, value.count, most):
            lines.append(line)
    return lines


def _line(listing: Listing, name: str, text: str, count: int, most: int) -> Value | None:
    href, exclude = listing.toggled(name, text), listing.narrowed(name, text, op="!=")
    if href is None or exclude is None:
        return None
    return Value(text, count, _width(count, most), href, exclude, listing.has(name, text))


def _bands(
    listing: Listing,
    name: str,
    word: str,
    table: tuple[tuple[str, str, int, int], ...],
    words: tuple[str, ...],
    counted: list[FacetValue],
) -> list[Group]:
    known = {value.value: value.count for value in counted}
    most = max(known.values(), default=0)
    values = []
    for (sign, text, _, _), label in zip(table, words, strict=True):
        if text not in known:
            continue
        values.append(_banded(listing, name, label, [f"{name}{sign}{text}"], known[text], most))
    return [Group(name, word, values, len(values), is_open=_any(values))] if values else []


def _scores(listing: Listing, counted: list[ScoreBands]) -> list[Group]:
    groups = []
    for score in counted:
        most = max([score.missing, *(band.count for band in score.bands)])
        name = written_name("score", score.name)
        values = []
        for band in score.bands:
            terms = [f"{name}{sign}{quoted(value)}" for sign, value in band.terms]
            field = f"score.{score.name}"
            values.append(_banded(listing, field, band.label, terms, band.count, most))
        if score.missing:
            terms = [f"-has:{quoted(f'score.{score.name}')}"]
            values.append(_banded(listing, "", "not scored", terms, score.missing, most))
        groups.append(Group("score", score.name, values, len(values), is_open=_any(values)))
    return groups


def _banded(
    listing: Listing, field: str, label: str, terms: Sequence[str], count: int, most: int
) -> Value:
    """A line whose click puts these terms in the place of those of the field."""
    found = chips(listing.query)
    own = [chip.text for chip in found if chip.text in terms]
    is_chosen = len(own) == len(terms)
    is_open = isinstance(listing.query.root, Or)
    rest = [
        f"({chip.text})" if is_open else chip.text
        for chip in found
        if chip.text not in terms and (not field or chip.field != field)
    ]
    said = " ".join(terms)
    excluded = said.removeprefix("-") if said.startswith("-") else f"-({said})"
    href = listing.href(q=" ".join(rest if is_chosen else [*rest, *terms]))
    exclude = listing.href(q=" ".join([*rest, excluded]))
    return Value(label, count, _width(count, most), href, exclude, is_chosen)


def _any(values: list[Value]) -> bool:
    return any(value.is_chosen for value in values)


def _width(count: int, most: int) -> str:
    return f"{max(count / most * 100, 2):.0f}%" if most else "2%"


def _environments(listing: Listing) -> list[dict[str, Any]]:
    chosen = listing.form.cleaned_data.get("env", "")
    names = facets.environments(listing.project.pk)
    choices = [("", "All but experiments"), (ANY_ENVIRONMENT, "All"), *((n, n) for n in names)]
    return [
        {
            "text": text,
            "is_chosen": value == chosen,
            "href": listing.href(env=value or None),
        }
        for value, text in choices
    ]
