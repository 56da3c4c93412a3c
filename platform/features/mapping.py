"""Which feature a span belongs to that names none: rules in order, the first that fits. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

# What a condition may look at, in the words of people. `attribute` needs a key.
FIELDS: dict[str, str] = {
    "service.name": "service.name",
    "span": "span name",
    "trace": "trace name",
    "environment": "environment",
    "model": "model",
    "prompt": "prompt name",
    "attribute": "attribute",
}
EQUALS, PREFIX = "equals", "prefix"
OPS: dict[str, str] = {EQUALS: "is", PREFIX: "begins with"}
MOST_RULES = 200
MOST_CONDITIONS = 10
LONGEST_VALUE = 500
_MOST_REMEMBERED = 10_000

Place = tuple[str, str]  # a field, and the key of an attribute or ''
Values = tuple[str | None, ...]


@dataclass(frozen=True)
class Condition:
    """One thing that must hold of a span; what it does not say, holds of none."""

    field: str
    op: str
    value: str
    key: str = ""

    def holds(self, value: str | None) -> bool:
        """Whether it holds of what the span says."""
        if value is None:
            return False
        return value == self.value if self.op == EQUALS else value.startswith(self.value)

    @property
    def text(self) -> str:
        """The condition as people read it."""
        what = self.key if self.field == "attribute" else FIELDS.get(self.field, self.field)
        return f"{what} {OPS.get(self.op, self.op)} {self.value}"

    def plain(self) -> dict[str, str]:
        """As it is stored."""
        said = {"field": self.field, "op": self.op, "value": self.value}
        return said | {"key": self.key} if self.field == "attribute" else said


@dataclass(frozen=True)
class Rule:
    """All conditions hold: the span is of `feature`."""

    feature: str
    conditions: tuple[Condition, ...]


def condition_of(stored: Mapping[str, Any]) -> Condition:
    """A condition out of the database."""
    return Condition(
        field=str(stored.get("field", "")),
        op=str(stored.get("op", "")),
        value=str(stored.get("value", "")),
        key=str(stored.get("key", "")),
    )


def fault_of(conditions: Sequence[Condition]) -> str:
    """Why these cannot make a rule, or ''."""
    if not conditions:
        return "A rule needs a condition."
    if len(conditions) > MOST_CONDITIONS:
        return f"A rule has at most {MOST_CONDITIONS} conditions."
    for one in conditions:
        if one.field not in FIELDS:
            return f"{one.field!r} is none of {', '.join(FIELDS)}."
        if one.op not in OPS:
            return f"{one.op!r} is none of {', '.join(OPS)}."
        if one.field == "attribute" and not one.key:
            return "A condition on an attribute says which."
        if one.field != "attribute" and one.key:
            return "Only a condition on an attribute has a key."
        if not one.value:
            return f"Say what the {FIELDS[one.field]} must be."
        if len(one.value) > LONGEST_VALUE or len(one.key) > LONGEST_VALUE:
            return f"A condition has at most {LONGEST_VALUE} characters."
    return ""


@dataclass(frozen=True, eq=False)
class RuleTable:
    """The rules of a project, ready for many spans.

    `places` are what must be known of a span; what it says there decides alone, so answers are
    remembered.
    """

    rules: tuple[Rule, ...] = ()
    places: tuple[Place, ...] = field(init=False)
    _compiled: list[tuple[str, list[tuple[int, Condition]]]] = field(init=False, repr=False)
    _known: dict[Values, str | None] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        places = dict.fromkeys(
            (one.field, one.key) for rule in self.rules for one in rule.conditions
        )
        at = {place: position for position, place in enumerate(places)}
        compiled = [
            (rule.feature, [(at[one.field, one.key], one) for one in rule.conditions])
            for rule in self.rules
        ]
        object.__setattr__(self, "places", tuple(places))
        object.__setattr__(self, "_compiled", compiled)

    @property
    def needs_trace_name(self) -> bool:
        """Whether a rule asks what the whole trace is called."""
        return ("trace", "") in self.places

    def feature_of(self, values: Values) -> str | None:
        """The feature of a span that says `values` at `places`; None where no rule fits."""
        try:
            return self._known[values]
        except KeyError:
            pass
        found = self._first(values)
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
        self._known[values] = found
        return found

    def _first(self, values: Values) -> str | None:
        for feature, conditions in self._compiled:
            if all(one.holds(values[position]) for position, one in conditions):
                return feature
        return None


NO_RULES = RuleTable()
