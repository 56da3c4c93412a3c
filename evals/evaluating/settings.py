"""Whether the settings of an evaluator can stand, and what stands where they are silent. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any

from evals.evaluating.kinds import checks_of
from evals.evaluating.setting import Check
from evals.evaluating.spec import (
    AT_LEAST,
    AT_MOST,
    BOOLEAN,
    CATEGORY,
    MODEL_KINDS,
    NUMBER,
)
from evals.values.json_values import fault_of_json

MOST_CONFIG_BYTES = 200_000
MOST_PARAMETER_BYTES = 10_000
MOST_CATEGORIES = 50
LONGEST_CATEGORY = 200
LONGEST_MODEL = 200
LONGEST_PROVIDER = 80

Found = Iterator[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Terms:
    """What a version says, as somebody gives it. `data_type` '' takes that of the check."""

    config: Mapping[str, Any] = field(default_factory=dict)
    data_type: str = ""
    minimum: float | None = None
    maximum: float | None = None
    categories: tuple[str, ...] = ()
    values: tuple[float, ...] = ()
    bar: float | None = None
    bar_direction: str = ""
    provider: str = ""
    model: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)


def filled(kind: str, terms: Terms) -> Terms:
    """`terms` with the scale, bar and direction of its check where they are not said.

    The bar of a yes or no is taken from the check, as nobody would set it; that of a number is the
    user's to say, and None stays None.
    """
    check = check_of(kind, terms.config) if isinstance(terms.config, Mapping) else None
    if check is None:
        return terms
    data_type = terms.data_type or check.types[0]
    is_first = data_type == check.types[0]
    minimum, maximum, bar = terms.minimum, terms.maximum, terms.bar
    if data_type == NUMBER and is_first and minimum is None and maximum is None:
        minimum, maximum = check.minimum, check.maximum
    elif data_type == NUMBER and not is_first and minimum is None and maximum is None:
        minimum, maximum = (0.0, 1.0) if check.types[0] == BOOLEAN else (None, None)
    if data_type == BOOLEAN and bar is None:
        bar = check.bar if is_first and check.bar is not None else 1.0
    direction = terms.bar_direction
    if not direction:
        direction = check.direction if is_first else AT_LEAST
    return replace(
        terms,
        data_type=data_type,
        minimum=minimum,
        maximum=maximum,
        categories=check.categories or terms.categories,
        values=check.values or terms.values,
        bar=bar,
        bar_direction=direction,
        config=_with_defaults(check, terms.config),
    )


def _with_defaults(check: Check, config: Mapping[str, Any]) -> dict[str, Any]:
    """Every setting, said: so a version means the same for ever, whatever defaults become."""
    defaults = {one.name: one.default for one in check.settings if one.default is not None}
    said = {name: value for name, value in config.items() if value is not None and value != ""}
    return {"check": check.name, **defaults, **said}


def faults_of(kind: str, terms: Terms) -> list[tuple[str, str]]:
    """(field, why) of everything wrong with `terms` once they are filled; [] where they stand."""
    if not isinstance(terms.config, Mapping):
        return [("config", "Must be an object.")]
    check = check_of(kind, terms.config)
    if check is None:
        return [_no_check(kind, terms.config)]
    return [
        *_of_config(check, terms.config),
        *_of_scale(check, terms),
        *_of_bar(terms),
        *_of_model(kind, terms),
    ]


def check_of(kind: str, config: Mapping[str, Any]) -> Check | None:
    """The check that `config` names; the kind's only one where it has but one."""
    known = checks_of(kind)
    if len(known) == 1:
        return next(iter(known.values()))
    named = config.get("check")
    return known.get(named) if isinstance(named, str) else None


def _no_check(kind: str, config: Mapping[str, Any]) -> tuple[str, str]:
    known = checks_of(kind)
    if not known:
        return "kind", f"There is no kind of evaluator named {str(kind)[:50]!r}."
    said = config.get("check")
    which = f"There is none named {str(said)[:50]!r}" if said else "Say which"
    return "config.check", f"{which}: one of {', '.join(known)}."


def _of_config(check: Check, config: Mapping[str, Any]) -> Found:
    if fault := fault_of_json(dict(config), longest=MOST_CONFIG_BYTES):
        yield "config", f"Cannot be kept: {fault}."
        return
    known = {setting.name: setting for setting in check.settings}
    good = True
    for name in config:
        if name not in known and name != "check":
            yield f"config.{str(name)[:50]}", f"{check.label} has no such setting."
    for name, setting in known.items():
        if fault := setting.fault(config.get(name)):
            good = False
            yield f"config.{name}", fault
    if good:
        yield from ((f"config.{name}", text) for name, text in check.faults(config))


def _of_scale(check: Check, terms: Terms) -> Found:
    if terms.data_type not in check.types:
        allowed = " or ".join(check.types)
        yield "data_type", f"{check.label} gives a {allowed}."
        return
    if terms.data_type != NUMBER and (terms.minimum, terms.maximum) != (None, None):
        yield "minimum", "Only a number has a range."
    low, high = terms.minimum, terms.maximum
    for name, bound in (("minimum", low), ("maximum", high)):
        if bound is not None and not _is_number(bound):
            yield name, "Must be a finite number."
            return
    if low is not None and high is not None and low >= high:
        yield "maximum", "Must be above the minimum."
    yield from _of_categories(terms)


def _of_categories(terms: Terms) -> Found:
    names, values = terms.categories, terms.values
    if terms.data_type != CATEGORY:
        if names:
            yield "categories", "Only a category has categories."
        return
    plain = [name.strip().casefold() for name in names if isinstance(name, str)]
    if len(names) < 2:
        yield "categories", "At least two are needed."
    elif len(names) > MOST_CATEGORIES:
        yield "categories", f"At most {MOST_CATEGORIES}."
    elif len(plain) < len(names) or not all(plain):
        yield "categories", "Each is one line of visible characters."
    elif len(set(plain)) < len(plain):
        yield "categories", "One is named twice; case does not tell them apart."
    elif any(len(name) > LONGEST_CATEGORY or not name.isprintable() for name in names):
        yield "categories", f"Each is one line of at most {LONGEST_CATEGORY} characters."
    if len(values) != len(names):
        yield "values", "Each category needs a number, so that means can be compared."
    elif not all(_is_number(value) for value in values):
        yield "values", "Each must be a finite number."
    elif values and len(set(values)) < 2:
        yield "values", "At least two of them must differ."


def _of_bar(terms: Terms) -> Found:
    if terms.bar_direction not in (AT_LEAST, AT_MOST):
        yield "bar_direction", f"Must be {AT_LEAST} or {AT_MOST}."
    bar = terms.bar
    if bar is None:
        return
    if not _is_number(bar):
        yield "bar", "Must be a finite number."
        return
    low, high = terms.minimum, terms.maximum
    if terms.data_type == BOOLEAN:
        low, high = 0.0, 1.0
    elif terms.data_type == CATEGORY and terms.values and all(map(_is_number, terms.values)):
        low, high = min(terms.values), max(terms.values)
    if (low is not None and bar < low) or (high is not None and bar > high):
        yield "bar", "Must lie within the scale."


def _of_model(kind: str, terms: Terms) -> Found:
    if kind not in MODEL_KINDS:
        for name in ("model", "provider"):
            if getattr(terms, name):
                yield name, "Only a judge asks a model."
        if terms.parameters:
            yield "parameters", "Only a judge asks a model."
        return
    for name, most in (("model", LONGEST_MODEL), ("provider", LONGEST_PROVIDER)):
        said = getattr(terms, name)
        if not isinstance(said, str) or not said.isprintable() or len(said) > most:
            yield name, f"Must be one line of at most {most} characters."
    if not terms.model:
        yield "model", "Say which model judges."
    if not isinstance(terms.parameters, Mapping):
        yield "parameters", "Must be an object."
        return
    if fault := fault_of_json(dict(terms.parameters), longest=MOST_PARAMETER_BYTES):
        yield "parameters", f"Cannot be kept: {fault}."
        return
    if taken := sorted(set(terms.parameters) & _OWN):
        yield "parameters", f"The judge sets {', '.join(taken)} itself."


_OWN = frozenset({"messages", "model", "tools", "tool_choice", "response_format", "stream", "n"})


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= 1e15 and isfinite(value)
