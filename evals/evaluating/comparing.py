"""What a version says, in words, and in which respects it asks less than another. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from evals.evaluating.setting import Setting
from evals.evaluating.settings import Terms, check_of
from evals.evaluating.spec import AT_MOST, BOOLEAN, CATEGORY, MODEL_KINDS


def weakenings(kind: str, before: Terms, after: Terms) -> list[str]:
    """What a reader must know before approving; [] where nothing is asked less for certain.

    Whether another rubric, model or pattern asks less, nobody can say from outside: that it is
    another one is told as well.
    """
    return list(_all(kind, before, after))


def _all(kind: str, before: Terms, after: Terms) -> Iterator[str]:
    if before.bar_direction != after.bar_direction:
        yield "The bar is read the other way round."
    else:
        yield from _of_bar(before, after)
    old, new = check_of(kind, before.config), check_of(kind, after.config)
    if old and new and old.name != new.name:
        yield f"It checks {new.label.lower()} instead of {old.label.lower()}."
        return
    if before.data_type != after.data_type:
        yield f"It gives a {after.data_type} instead of a {before.data_type}."
    elif (before.minimum, before.maximum) != (after.minimum, after.maximum):
        yield f"The scale goes from {_scale(before)} to {_scale(after)}."
    yield from _of_categories(before, after)
    yield from _of_config(kind, before.config, after.config)
    if kind in MODEL_KINDS and (before.model, before.provider) != (after.model, after.provider):
        yield f"{_model(after)} judges instead of {_model(before)}."


def _of_bar(before: Terms, after: Terms) -> Iterator[str]:
    if before.bar is None:
        return
    if after.bar is None:
        yield f"It has no bar any more; it was {before.bar:g}."
        return
    sign = -1 if before.bar_direction == AT_MOST else 1
    if sign * after.bar < sign * before.bar:
        lower = "higher" if before.bar_direction == AT_MOST else "lower"
        yield f"The bar is {lower}: {after.bar:g} instead of {before.bar:g}."


def _of_categories(before: Terms, after: Terms) -> Iterator[str]:
    if before.data_type != CATEGORY or after.data_type != CATEGORY:
        return
    was = dict(zip(before.categories, before.values, strict=False))
    now = dict(zip(after.categories, after.values, strict=False))
    for name, value in now.items():
        if name not in was:
            yield f"The category {name} is new, worth {value:g}."
        elif was[name] != value:
            yield f"{name} is worth {value:g} instead of {was[name]:g}."
    for name in was:
        if name not in now:
            yield f"The category {name} is gone."


# Settings that ask less when they grow, and those that ask less once they are set.
_GROWS_WEAKER = frozenset({"absolute", "relative", "at_most", "k"})
_SHRINKS_WEAKER = frozenset({"at_least"})
_SET_IS_WEAKER = frozenset({"ignore_case", "ignore_blanks", "any_of", "allow_fence"})
_SET_IS_STRICTER = frozenset({"whole", "whole_words"})


def _of_config(kind: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    check = check_of(kind, after)
    for setting in check.settings if check else ():
        name = setting.name
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if name == "rubric":
            yield "The rubric is another one."
        elif name in _GROWS_WEAKER | _SHRINKS_WEAKER and _is_weaker(name, old, new):
            yield f"{setting.label}: {value_words(setting, new)} instead of " + (
                f"{value_words(setting, old)}."
            )
        elif (name in _SET_IS_WEAKER and new) or (name in _SET_IS_STRICTER and not new):
            yield f"{setting.label}: {'yes' if new else 'no'} now."
        elif setting.takes in ("pattern", "flags", "words", "schema", "choice", "json", "line"):
            yield f"{setting.label} is another one."


def _is_weaker(name: str, old: Any, new: Any) -> bool:
    if new is None:
        return True
    if old is None:
        return False
    return bool(new > old) if name in _GROWS_WEAKER else bool(new < old)


def settings_in_words(kind: str, config: Mapping[str, Any]) -> list[tuple[Setting, str]]:
    """Every setting that is said, with its value for a person, in the order of the form."""
    check = check_of(kind, config)
    if check is None:
        return []
    told = [(one, value_words(one, config.get(one.name))) for one in check.settings]
    return [(setting, words) for setting, words in told if words]


def value_words(setting: Setting, value: Any) -> str:
    """A value for a person; '' where nothing is said."""
    if value is None or value in ("", [], {}):
        return ""
    if setting.takes == "flag":
        return "yes" if value else "no"
    if setting.takes == "choice":
        return dict(setting.choices).get(value, str(value))
    if setting.takes == "words" and isinstance(value, list):
        return ", ".join(str(one) for one in value)
    if isinstance(value, dict):
        if setting.name == "meanings":
            return "; ".join(f"{name}: {text}" for name, text in value.items())
        return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)


def bar_words(terms: Terms) -> str:
    """What passes, as a sentence's end: `at least 0.7`, `good`, `yes`; '' without a bar."""
    if terms.bar is None:
        return ""
    is_most = terms.bar_direction == AT_MOST
    if terms.data_type == BOOLEAN:
        return "no" if is_most else "yes"
    if terms.data_type == CATEGORY and terms.values:
        return " or ".join(passing(terms)) or "none"
    return f"at {'most' if is_most else 'least'} {terms.bar:g}"


def passing(terms: Terms) -> list[str]:
    """The categories whose number is on the good side of the bar."""
    if terms.bar is None:
        return []
    sign = -1 if terms.bar_direction == AT_MOST else 1
    pairs = zip(terms.categories, terms.values, strict=False)
    return [name for name, value in pairs if sign * value >= sign * terms.bar]


def _scale(terms: Terms) -> str:
    low = "…" if terms.minimum is None else f"{terms.minimum:g}"
    high = "…" if terms.maximum is None else f"{terms.maximum:g}"
    return f"{low} to {high}"


def _model(terms: Terms) -> str:
    return f"{terms.model} of {terms.provider}" if terms.provider else terms.model
