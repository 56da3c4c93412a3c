"""What gives spend without a feature its rule."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import Project
from features.forms.rules import RuleForm
from features.queries import features_of


def _text(**attrs: str) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "field", "autocomplete": "off", **attrs})


class NamingForm(RuleForm):
    """A rule for spend without a feature; a name that is not registered yet registers it."""

    def __init__(self, data: Any = None, *, project: Project, filled: dict[str, str]) -> None:
        super().__init__(data, project=project)
        self.fields["feature"] = forms.CharField(
            label="Feature", max_length=200, widget=_text(list="features", spellcheck="false"),
            help_text="One of yours, or a new one by its name.",
        )  # fmt: skip
        self.fields["stored"] = forms.BooleanField(
            label="Stored spans of these days follow, too", required=False, initial=True
        )
        self.names = [one.name for one in features_of(project).filter(archived_at=None)]
        for name, value in filled.items():
            if name in self.fields:
                self.initial[name] = value
