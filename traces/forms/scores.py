"""What people type to say what a score means."""

from __future__ import annotations

from typing import Any

from django import forms

from traces.feedback.given import Terms
from traces.models import DataType, ScoreSource

_LINES = {"rows": "3", "class": "field", "spellcheck": "false"}


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
        label="At least", required=False, widget=forms.TextInput(attrs={"class": "field num"})
    )
    maximum = forms.FloatField(
        label="At most", required=False, widget=forms.TextInput(attrs={"class": "field num"})
    )
    categories = LinesField(
        label="Categories",
        required=False,
        help_text="One a line, of a category only; none allows any.",
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

    def terms(self, *, is_archived: bool = False) -> Terms:
        """What the valid form says."""
        return Terms(**self.cleaned_data, is_archived=is_archived)

    def tell(self, errors: dict[str, str]) -> None:
        """Show why the service refused it, each at its field."""
        for field, text in errors.items():
            self.add_error(field if field in self.fields else None, text)
