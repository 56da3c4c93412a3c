"""Conditions on the scores and the outcome of a trace, as people write them: `<0.5`, `=polite`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isfinite

from django.db.models import Exists, OuterRef, Q

from traces.models import DataType, Outcome, Score

ANY = "*"
OPERATORS = ("<", "<=", ">", ">=", "=", "!=")
MOST_TERMS = 8
_LOOKUPS = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}
_TERM = re.compile(r"\s*(<=|>=|!=|<|>|=)?\s*(.*?)\s*", re.S)
_BETWEEN_TERMS = re.compile(r",(?=\s*[<>!=])")
_BOOLEANS = {"true": 1.0, "yes": 1.0, "false": 0.0, "no": 0.0}


class BadCondition(ValueError):
    """The text is no condition. It is written for the person who wrote it."""


@dataclass(frozen=True)
class ScoreCondition:
    """One score of this name meets every term, an operator and a value; no term: any will do."""

    name: str
    terms: tuple[tuple[str, str], ...] = ()


def parse_condition(name: str, text: str) -> ScoreCondition:
    """`<0.5`, `>0.2,<0.5`, `true`, `=polite`, `!=rude`, or `*` for any. Raises: BadCondition."""
    if not name or "\0" in name + text:
        raise BadCondition("Name a score, as in score.helpfulness=<0.5.")
    if text.strip() == ANY:
        return ScoreCondition(name)
    terms = []
    for part in _BETWEEN_TERMS.split(text):
        match = _TERM.fullmatch(part)
        operator, value = (match[1] or "=", match[2]) if match else ("=", "")
        if not value or (operator in _LOOKUPS and _number(value) is None):
            raise BadCondition(f"Write a condition on {name} such as <0.5, >=3, true or =polite.")
        terms.append((operator, value))
    if len(terms) > MOST_TERMS:
        raise BadCondition(f"At most {MOST_TERMS} terms for one score.")
    return ScoreCondition(name, tuple(terms))


def scored(project_id: int, condition: ScoreCondition) -> Exists:
    """Of a trace: it, or a span of it, has such a score. Scores of its session do not count."""
    found = Score.objects.filter(
        project_id=project_id, name=condition.name, trace_id=OuterRef("trace_id")
    )
    for operator, value in condition.terms:
        found = found.filter(_term(operator, value))
    return Exists(found)


def ended(project_id: int, outcome: str) -> Q:
    """Of a trace: it, or its session as a whole, had such an outcome; `*` stands for any."""
    named = Outcome.objects.filter(project_id=project_id)
    if outcome != ANY:
        named = named.filter(name=outcome)
    of_trace = named.filter(trace_id=OuterRef("trace_id"))
    of_session = named.filter(trace_id="", session_id=OuterRef("session_id"))
    return Q(Exists(of_trace)) | Q(Exists(of_session))


def _term(operator: str, value: str) -> Q:
    number = _number(value)
    if operator in _LOOKUPS:
        return Q(**{f"num__{_LOOKUPS[operator]}": number})
    same = Q(label=value)
    if number is not None:
        same |= Q(num=number)
    elif value.lower() in _BOOLEANS:
        same |= Q(num=_BOOLEANS[value.lower()], data_type=DataType.BOOLEAN)
    return _differs(value, number) if operator == "!=" else same


def _differs(value: str, number: float | None) -> Q:
    """Not this value; written out, because a negated null would be neither true nor false."""
    as_number = _BOOLEANS.get(value.lower()) if number is None else number
    other_label = Q(label__isnull=False) & ~Q(label=value)
    if as_number is None:
        return other_label | Q(num__isnull=False)
    return other_label | (Q(num__isnull=False) & ~Q(num=as_number))


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None
