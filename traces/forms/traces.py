"""The filter of the trace list, as people write it."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms

from traces.queries.criteria import Criteria
from traces.queries.score_conditions import BadCondition, parse_condition
from traces.query import EVERYTHING, Query, QueryError, parse
from traces.values.ranges import DEFAULT, BadRange, Range, parse_range
from traces.values.score_parameters import PREFIX, score_parameters

_DURATION = re.compile(r"^\s*(\d+(?:[.,]\d+)?)\s*(ms|s|m|h)?\s*$")
_UNIT_US = {"ms": 1000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000}
SIGNS = {"<": "below", "<=": "at most", ">": "above", ">=": "at least", "=": "is", "!=": "is not"}
_FIELD = {"class": "field", "autocomplete": "off", "spellcheck": "false"}


def _text(label: str, **parts: Any) -> forms.CharField:
    widget = forms.TextInput(attrs=_FIELD)
    return forms.CharField(required=False, label=label, max_length=1000, widget=widget, **parts)


class DurationField(forms.CharField):
    """`84ms`, `2.5s`, `3m`; a bare number is seconds. The value is in microseconds."""

    def clean(self, value: Any) -> Any:
        """Microseconds, or None for nothing. Raises: ValidationError."""
        text = super().clean(value)
        if not text:
            return None
        match = _DURATION.match(text)
        if match is None:
            raise forms.ValidationError("Write a time such as 800ms, 2.5s or 3m.")
        amount = Decimal(match[1].replace(",", "."))
        return min(int(amount * _UNIT_US[match[2] or "s"]), 2**62)


class DollarsField(forms.CharField):
    """`0.02` or `$0.02`. The value is in nano-dollars."""

    def clean(self, value: Any) -> Any:
        """Nano-dollars, or None for nothing. Raises: ValidationError."""
        text = super().clean(value)
        if not text:
            return None
        try:
            amount = Decimal(text.strip().removeprefix("$").replace(",", ""))
        except InvalidOperation:
            amount = Decimal(-1)
        if not amount.is_finite() or not 0 <= amount < 10**9:
            raise forms.ValidationError("Write an amount such as 0.02.")
        return int(amount * 10**9)


class QueryField(forms.CharField):
    """A query; the value is what it means. `error` says where it cannot be read."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(strip=False, required=False, **parts)
        self.error: QueryError | None = None

    def clean(self, value: Any) -> Any:
        """The query. Raises: ValidationError."""
        self.error = None
        try:
            return parse(value or "")
        except QueryError as error:
            self.error = error
            raise forms.ValidationError(error.message) from None


class TraceFilter(forms.Form):
    """Every parameter of the list's address but the cursor."""

    q = QueryField(label="Query")
    env = _text("Environment")
    t = _text("Range of time")
    status = forms.ChoiceField(
        required=False,
        label="Status",
        choices=[("", "Any"), ("ok", "OK"), ("error", "Error"), ("running", "Running")],
        widget=forms.Select(attrs={"class": "field"}),
    )
    name = _text("Name")
    feature = _text("Feature")
    model = _text("Model")
    prompt = _text("Prompt and version", help_text="As name/version.")
    tag = _text("Tag")
    release = _text("Release")
    user = _text("User")
    session = _text("Session")
    min_duration = DurationField(
        required=False,
        label="At least",
        widget=forms.TextInput(attrs={**_FIELD, "placeholder": "2s"}),
    )
    max_duration = DurationField(
        required=False,
        label="At most",
        widget=forms.TextInput(attrs={**_FIELD, "placeholder": "30s"}),
    )
    min_cost = DollarsField(
        required=False,
        label="At least",
        widget=forms.TextInput(attrs={**_FIELD, "placeholder": "$0.01"}),
    )
    max_cost = DollarsField(
        required=False,
        label="At most",
        widget=forms.TextInput(attrs={**_FIELD, "placeholder": "$1"}),
    )
    min_tokens = forms.IntegerField(
        required=False,
        label="At least",
        min_value=0,
        max_value=2**62,
        widget=forms.TextInput(attrs={**_FIELD, "inputmode": "numeric", "placeholder": "1000"}),
    )
    max_tokens = forms.IntegerField(
        required=False,
        label="At most",
        min_value=0,
        max_value=2**62,
        widget=forms.TextInput(attrs={**_FIELD, "inputmode": "numeric", "placeholder": "20000"}),
    )

    outcome = _text("Outcome", help_text="Of the trace or its session; * for any.")
    score_name = _text("Score")
    score_op = forms.ChoiceField(
        required=False,
        label="Compared",
        choices=list(SIGNS.items()),
        widget=forms.Select(attrs={"class": "field"}),
    )
    score_value = _text("Value of the score")

    def clean(self) -> dict[str, Any]:
        """Read the conditions on scores: of the address, and of the three fields."""
        conditions = []
        for name, text in score_parameters(self.data).items():
            try:
                conditions.append(parse_condition(name.removeprefix(PREFIX), text))
            except BadCondition as bad:
                self.add_error("score_value", str(bad))
        self.cleaned_data["scores"] = tuple(conditions)
        return self.cleaned_data

    def clean_t(self) -> str:
        """The range as written. Raises: ValidationError."""
        text = self.cleaned_data["t"] or DEFAULT
        try:
            parse_range(text)
        except BadRange as bad:
            raise forms.ValidationError(str(bad)) from None
        return str(text)

    def range(self) -> Range:
        """The range; the default one where the written one is no range."""
        return parse_range(self.cleaned_data.get("t") or DEFAULT)

    @property
    def query(self) -> Query:
        """What the query says; everything where it cannot be read."""
        found = self.cleaned_data.get("q")
        return found if isinstance(found, Query) else EVERYTHING

    @property
    def query_error(self) -> QueryError | None:
        """Why the query cannot be read."""
        field = self.fields["q"]
        return field.error if isinstance(field, QueryField) else None

    def criteria(self) -> Criteria:
        """What the valid fields ask for; an invalid field asks for nothing."""
        given: dict[str, Any] = self.cleaned_data
        chosen = self.range()
        same = ("status", "name", "feature", "model", "prompt", "tag", "release", "outcome")
        texts: dict[str, Any] = {name: given.get(name) or "" for name in same}
        numbers: dict[str, Any] = {name: given.get(name) for name in ("min_tokens", "max_tokens")}
        return Criteria(
            since=chosen.since,
            until=chosen.until,
            environment=given.get("env", ""),
            user_id=given.get("user", ""),
            session_id=given.get("session", ""),
            min_duration_us=given.get("min_duration"),
            max_duration_us=given.get("max_duration"),
            min_cost_nano=given.get("min_cost"),
            max_cost_nano=given.get("max_cost"),
            scores=given.get("scores", ()),
            query=self.query,
            **texts,
            **numbers,
        )


# What a field reads like in a chip: "user is u_48213", "duration at least 2s".
CHIP_WORDS = {
    "env": ("environment", "is"),
    "status": ("status", "is"),
    "name": ("name", "is"),
    "feature": ("feature", "is"),
    "model": ("model", "is"),
    "prompt": ("prompt", "is"),
    "tag": ("tag", "is"),
    "release": ("release", "is"),
    "user": ("user", "is"),
    "session": ("session", "is"),
    "min_duration": ("duration", "at least"),
    "max_duration": ("duration", "at most"),
    "min_cost": ("cost", "at least"),
    "max_cost": ("cost", "at most"),
    "min_tokens": ("tokens", "at least"),
    "max_tokens": ("tokens", "at most"),
    "outcome": ("outcome", "is"),
}
