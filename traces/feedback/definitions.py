"""Whether the terms of a score definition can stand. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

from traces.feedback.checks import MOST_NAME
from traces.feedback.given import Terms
from traces.models import BarDirection, DataType, ScoreSource
from traces.values.score_bars import NO, YES

MOST_DESCRIPTION = 2_000
MOST_CATEGORIES = 100
MOST_CATEGORY = 200
MOST_FEATURES = 200


def faults_of_terms(terms: Terms) -> Iterator[tuple[str, str]]:
    """(field, why) of everything wrong with `terms`."""
    if not terms.name or terms.name != terms.name.strip():
        yield "name", "A name is needed, without blanks around it."
    elif not terms.name.isprintable():
        yield "name", "A name is one line of visible characters."
    elif len(terms.name) > MOST_NAME:
        yield "name", f"May have {MOST_NAME} characters."
    if terms.data_type not in DataType.values:
        yield "data_type", f"Must be one of {', '.join(DataType.values)}."
    if len(terms.description) > MOST_DESCRIPTION:
        yield "description", f"May have {MOST_DESCRIPTION:,} characters."
    elif "\0" in terms.description:
        yield "description", "Holds a NUL."
    yield from _range(terms)
    yield from _listed("categories", terms.categories, MOST_CATEGORIES, MOST_CATEGORY)
    if terms.categories and terms.data_type != DataType.CATEGORY:
        yield "categories", "Only a category has categories."
    yield from _bar(terms)
    yield from _passing(terms)
    if unknown := sorted(set(terms.sources) - set(ScoreSource.values)):
        yield "sources", f"No such source: {', '.join(unknown)}."
    elif len(set(terms.sources)) < len(terms.sources):
        yield "sources", "One is named twice."
    yield from _listed("primary_for", terms.primary_for, MOST_FEATURES, 200)


def _range(terms: Terms) -> Iterator[tuple[str, str]]:
    for field in ("minimum", "maximum"):
        bound = getattr(terms, field)
        if bound is None:
            continue
        if terms.data_type != DataType.NUMBER:
            yield field, "Only a number has a range."
        elif not isfinite(bound):
            yield field, "Must be a finite number."
    low, high = terms.minimum, terms.maximum
    if low is not None and high is not None and low >= high:
        yield "maximum", "Must be above the minimum."


def _bar(terms: Terms) -> Iterator[tuple[str, str]]:
    if terms.bar_direction not in BarDirection.values:
        yield "bar_direction", f"Must be one of {', '.join(BarDirection.values)}."
    bar, low, high = terms.bar, terms.minimum, terms.maximum
    if bar is None:
        return
    if terms.data_type != DataType.NUMBER:
        yield "bar", "Only a number has a bar; of others say which values pass."
    elif not isfinite(bar):
        yield "bar", "Must be a finite number."
    elif (low is not None and bar < low) or (high is not None and bar > high):
        yield "bar", "Must lie within the range."


def _passing(terms: Terms) -> Iterator[tuple[str, str]]:
    passing = terms.passing
    yield from _listed("passing", passing, MOST_CATEGORIES, MOST_CATEGORY)
    if not passing:
        return
    if terms.data_type == DataType.NUMBER:
        yield "passing", "A number has a bar instead."
    elif terms.data_type == DataType.BOOLEAN:
        if len(passing) > 1 or passing[0] not in (YES, NO):
            yield "passing", f"Of yes and no one passes: {YES} or {NO}."
    elif terms.categories:
        if unknown := sorted(set(passing) - set(terms.categories)):
            yield "passing", f"No such category: {', '.join(unknown)}."
        elif len(passing) == len(terms.categories):
            yield "passing", "One category at least must not pass."


def _listed(field: str, words: list[str], most: int, longest: int) -> Iterator[tuple[str, str]]:
    if len(words) > most:
        yield field, f"At most {most}."
    elif len(set(words)) < len(words):
        yield field, "One is named twice."
    elif any(not word.strip() or not word.isprintable() for word in words):
        yield field, "Each is one line of visible characters."
    elif any(len(word) > longest for word in words):
        yield field, f"Each may have {longest} characters."
