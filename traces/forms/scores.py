"""What people type to say what a score means."""

from __future__ import annotations

from typing import Any

from django import forms

from traces.feedback.given import Terms
from traces.models import BarDirection, DataType, ScoreSource
from traces.values.score_bars import NO, YES

_LINES = {"rows": "3", "class": "field", "spellcheck": "false"}


_STORED = {"yes": YES, "no": NO}
_SAID = {stored: said for said, stored in _STORED.items()}


class LinesField(forms.CharField):
    """A value a line; blanks around it and empty lines fall away."""

    widget = forms.Textarea(attrs=_LINES)

    def to_python(self, value: Any) -> Any:
        """The lines."""
        if isinstance(value, list):
            return value
        return [line.strip() for line in str(value or "").splitlines() if line.strip()]

    def prepare_value(self, value: Any) -> Any:
        """The lines as text again."""
        return "\n".join(value) if isinstance(value, list) else value


class DefinitionForm(forms.Form):
    """The terms of a definition; of a stored one the name stays."""

    name = forms.CharField(
        label="Name",
        max_length=200,
        help_text="As programs send it: helpfulness, refund_correct.",
        widget=forms.TextInput(attrs={"class": "field", "autocomplete": "off"}),
    )
    data_type = forms.ChoiceField(
        label="Value",
        choices=DataType.choices,
        widget=forms.Select(attrs={"class": "field"}),
    )
    minimum = forms.FloatField(
        label="Lowest value", required=False, widget=forms.TextInput(attrs={"class": "field num"})
    )
    maximum = forms.FloatField(
        label="Highest value", required=False, widget=forms.TextInput(attrs={"class": "field num"})
    )
    categories = LinesField(
        label="Categories",
        required=False,
        help_text="One a line, of a category only; none allows any.",
    )
    bar_direction = forms.ChoiceField(
        label="A number passes",
        choices=BarDirection.choices,
        required=False,
        widget=forms.Select(attrs={"class": "field"}),
    )
    bar = forms.FloatField(
        label="Bar",
        required=False,
        help_text="A score on the wrong side of it is marked. None marks nothing.",
        widget=forms.TextInput(attrs={"class": "field num"}),
    )
    passing = LinesField(
        label="Values that pass",
        required=False,
        help_text="Of yes or no: one of the two. Of a category: those that are good, one a line.",
    )
    sources = forms.MultipleChoiceField(
        label="Who may give it",
        required=False,
        choices=ScoreSource.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    primary_for = LinesField(
        label="Primary score of", required=False, help_text="Features, one a line."
    )
    description = forms.CharField(
        label="What it means",
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={**_LINES, "spellcheck": "true"}),
    )

    def __init__(self, *args: Any, name: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if name:
            self.fields["name"].disabled = True
            self.fields["name"].help_text = ""
            self.initial["name"] = name
        if self.initial.get("data_type") == DataType.BOOLEAN:
            passing = self.initial.get("passing") or []
            self.initial["passing"] = [_SAID.get(value, value) for value in passing]

    def clean_bar_direction(self) -> str:
        """At least, unless said otherwise."""
        return self.cleaned_data["bar_direction"] or BarDirection.AT_LEAST.value

    def clean_passing(self) -> list[str]:
        """Of a boolean, yes and no as they are stored."""
        passing: list[str] = self.cleaned_data["passing"]
        if self.cleaned_data.get("data_type") != DataType.BOOLEAN:
            return passing
        return [_STORED.get(value.casefold(), value) for value in passing]

    def terms(self, *, is_archived: bool = False) -> Terms:
        """What the valid form says."""
        return Terms(**self.cleaned_data, is_archived=is_archived)

    def tell(self, errors: dict[str, str]) -> None:
        """Show why the service refused it, each at its field."""
        for field, text in errors.items():
            self.add_error(field if field in self.fields else None, text)
