"""Reading documents of cases: what is wrong is said with the case's id."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any

Figures = dict[str, Any]


class BadCase(ValueError):
    """A document or a case that cannot be read; the text says where and why."""


def answer_each(
    document: Any, reckon: Callable[[Mapping[str, Any]], Figures]
) -> dict[str, Figures]:
    """The figures of each case of `{"cases": [{"id": …}, …]}`, by id.

    Raises: BadCase.
    """
    cases = document.get("cases") if isinstance(document, dict) else None
    if not isinstance(cases, list):
        raise BadCase('The document must be an object {"cases": [...]}.')
    answers: dict[str, Figures] = {}
    for place, case in enumerate(cases):
        if not isinstance(case, dict) or not isinstance(case.get("id"), str | int):
            raise BadCase(f"Case {place + 1} must be an object with an id.")
        try:
            answers[str(case["id"])] = storable(reckon(case))
        except (ValueError, TypeError, KeyError, ArithmeticError, AttributeError) as error:
            why = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            raise BadCase(f"Case {case['id']!r}: {why}") from error
    return answers


def storable(value: Any) -> Any:
    """The value as JSON has it: no NaN and no infinity, which are undefined here."""
    if isinstance(value, dict):
        return {key: storable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [storable(one) for one in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def numbers(case: Mapping[str, Any], name: str) -> list[float]:
    """The list of numbers under that name, without nulls.

    Raises: BadCase.
    """
    return [float(one) for one in listed(case, name) if _is_number(one, name)]


def pairs(case: Mapping[str, Any], first: str, second: str) -> tuple[list[float], list[float]]:
    """Two lists of numbers of equal length, without the places where either is null.

    Raises: BadCase.
    """
    one, other = listed(case, first), listed(case, second)
    if len(one) != len(other):
        raise BadCase(f"{first} and {second} must be equally long.")
    known = [
        (float(a), float(b))
        for a, b in zip(one, other, strict=True)
        if _is_number(a, first) and _is_number(b, second)
    ]
    return [a for a, _ in known], [b for _, b in known]


def listed(case: Mapping[str, Any], name: str) -> Sequence[Any]:
    """The list under that name.

    Raises: BadCase.
    """
    found = case.get(name)
    if not isinstance(found, list):
        raise BadCase(f"{name} must be a list.")
    return found


def number(case: Mapping[str, Any], name: str, default: float | None = None) -> float:
    """The number under that name.

    Raises: BadCase.
    """
    found = case.get(name, default)
    if found is None or not _is_number(found, name):
        raise BadCase(f"{name} must be a number.")
    return float(found)


def _is_number(value: Any, name: str) -> bool:
    """False for null.

    Raises: BadCase.
    """
    if value is None:
        return False
    try:
        is_number = isinstance(value, int | float) and isfinite(value)
    except OverflowError:  # an integer beyond all floats
        is_number = False
    if not is_number:
        raise BadCase(f"{name} must hold numbers.")
    return True
