"""The form that chooses what counts as a good end."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import Project
from costs.models import GoodEnd
from features.queries import features_of
from traces.models import ScoreSource


def _text(**attrs: str) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "field", "autocomplete": "off", **attrs})


def _select() -> forms.Select:
    return forms.Select(attrs={"class": "field"})


class GoodEndForm(forms.Form):
    """A choice of the project, or of one feature."""

    feature = forms.CharField(
        label="Of the feature", max_length=200, required=False, widget=_text(list="end-features"),
        help_text="Empty: of all features without a choice of their own.",
    )  # fmt: skip
    kind = forms.ChoiceField(label="Told by", choices=GoodEnd.Kind.choices, widget=_select())
    name = forms.CharField(label="Name", max_length=200, widget=_text(list="end-names"))
    test = forms.ChoiceField(
        label="Good is", choices=GoodEnd.Test.choices, required=False, widget=_select(),
        help_text="Of a score; every outcome of the name is good.",
    )  # fmt: skip
    value = forms.CharField(label="Category", max_length=40, required=False, widget=_text())
    bar = forms.FloatField(label="Number", required=False, widget=_text(inputmode="decimal"))
    source = forms.ChoiceField(
        label="Given by", choices=[("", "Anybody"), *ScoreSource.choices], required=False,
        widget=_select(),
    )  # fmt: skip

    def wanted(self) -> dict[str, Any]:
        """Arguments of the service."""
        return dict(self.cleaned_data)


def feature_names(project: Project) -> list[str]:
    """Registered features, as suggestions."""
    return [one.name for one in features_of(project)[:200]]
