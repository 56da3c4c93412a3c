"""What a person says on the page of an item: a score of an answer, another expected output."""

from __future__ import annotations

from collections.abc import Sequence
from json import JSONDecodeError, loads
from typing import Any

from django import forms

from evals.values.scales import Value
from traces.models import DataType

LONGEST = 200_000
YES = ("yes", "true", "1", "pass")
NO = ("no", "false", "0", "fail")


class ScoreForm(forms.Form):
    """A score of one answer by its name. `types` are what each name's values are."""

    name = forms.ChoiceField(label="Score", widget=forms.Select(attrs={"class": "field"}))
    value = forms.CharField(
        label="Value", max_length=500,
        widget=forms.TextInput(attrs={"class": "field", "autocomplete": "off"}),
    )  # fmt: skip
    reason = forms.CharField(
        label="Why", max_length=10_000, required=False,
        widget=forms.Textarea(attrs={"class": "field", "rows": "2"}),
    )  # fmt: skip
    result = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**62)

    def __init__(self, names: Sequence[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].choices = [(one, one) for one in names]  # type: ignore[attr-defined]

    def said(self, data_type: str) -> Value:
        """The value of the valid form, of the score's type."""
        text: str = self.cleaned_data["value"].strip()
        if data_type == DataType.BOOLEAN and text.lower() in (*YES, *NO):
            return text.lower() in YES
        if data_type == DataType.CATEGORY:
            return text
        try:
            return float(text.replace(",", "."))
        except (ValueError, OverflowError):
            return text


class ExpectedForm(forms.Form):
    """What a good answer is; JSON where the item's expected output is JSON."""

    expected = forms.CharField(
        label="Expected", max_length=LONGEST, required=False, strip=False,
        widget=forms.Textarea(attrs={"class": "field mono", "rows": "6"}),
    )  # fmt: skip
    message = forms.CharField(
        label="Why", max_length=500, required=False,
        widget=forms.TextInput(
            attrs={"class": "field", "placeholder": "Stands in the history of the dataset"}
        ),
    )  # fmt: skip

    def __init__(self, *args: Any, is_json: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_json = is_json

    def clean_expected(self) -> Any:
        """The text, or the JSON that it is; nothing at all is None."""
        text = self.cleaned_data["expected"].replace("\r\n", "\n")
        if not text.strip():
            return None
        if not self.is_json:
            return text
        try:
            return loads(text)
        except (JSONDecodeError, RecursionError) as fault:
            raise forms.ValidationError(f"This is no JSON: {fault}.") from None
