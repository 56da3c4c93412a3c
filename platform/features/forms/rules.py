"""One mapping rule as it is typed: a feature and up to three conditions."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import Project
from features.forms.fields import TEXT
from features.mapping import FIELDS, LONGEST_VALUE, OPS, Condition
from features.queries.registry import features_of
from features.services.rules import NewRule

CONDITIONS = 3
_SELECT = {"class": "field"}


class RuleForm(forms.Form):
    """A new rule; conditions without a value are not meant."""

    feature = forms.ChoiceField(label="Feature", widget=forms.Select(attrs=_SELECT))

    def __init__(self, data: Any = None, *, project: Project, feature: str = "") -> None:
        super().__init__(data, initial={"feature": feature})
        names = features_of(project).filter(archived_at=None)
        choices = [(one.name, one.heading) for one in names]
        self.fields["feature"].choices = choices  # type: ignore[attr-defined]
        self.has_features = bool(choices)
        for place in range(1, CONDITIONS + 1):
            self.fields[f"field_{place}"] = forms.ChoiceField(
                label="What",
                choices=list(FIELDS.items()),
                required=place == 1,
                widget=forms.Select(attrs=_SELECT),
            )
            self.fields[f"key_{place}"] = forms.CharField(
                label="Attribute's name",
                max_length=LONGEST_VALUE,
                required=False,
                widget=forms.TextInput(attrs={**TEXT, "spellcheck": "false"}),
            )
            self.fields[f"op_{place}"] = forms.ChoiceField(
                label="How",
                choices=list(OPS.items()),
                required=place == 1,
                widget=forms.Select(attrs=_SELECT),
            )
            self.fields[f"value_{place}"] = forms.CharField(
                label="Value",
                max_length=LONGEST_VALUE,
                required=place == 1,
                strip=False,
                widget=forms.TextInput(attrs={**TEXT, "spellcheck": "false"}),
            )

    def conditions(self) -> list[list[forms.BoundField]]:
        """The fields of each condition."""
        return [
            [self[f"{name}_{place}"] for name in ("field", "key", "op", "value")]
            for place in range(1, CONDITIONS + 1)
        ]

    def rule(self) -> NewRule:
        """What was typed."""
        said = self.cleaned_data
        return NewRule(
            said["feature"],
            [
                Condition(
                    field=said[f"field_{place}"],
                    op=said[f"op_{place}"],
                    value=said[f"value_{place}"],
                    key=said[f"key_{place}"].strip(),
                )
                for place in range(1, CONDITIONS + 1)
                if said[f"value_{place}"]
            ],
        )
