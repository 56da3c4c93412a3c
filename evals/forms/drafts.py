"""The form that asks a model for drafts."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import Project
from evals.forms.datasets import text_field
from evals.services.drafting import DraftWish
from evals.values.drafts import MOST_DRAFTS
from gateway.queries import list_offers


class DraftForm(forms.Form):
    """Which model, how many, of which kind, and beginning with what."""

    model = forms.ChoiceField(widget=forms.Select(attrs={"class": "field"}))
    number = forms.IntegerField(
        min_value=1,
        max_value=MOST_DRAFTS,
        initial=10,
        widget=forms.NumberInput(attrs={"class": "field num"}),
        help_text=f"At most {MOST_DRAFTS} at once.",
    )
    slice = text_field(max_length=100, attrs={"list": "slices"})
    seeds = text_field(
        max_length=2000,
        label="Items to vary",
        help_text="Their ids, separated by spaces; empty: the first of the slice.",
        attrs={"class": "field mono"},
    )
    wishes = forms.CharField(
        required=False,
        max_length=2000,
        label="What else they should be",
        widget=forms.Textarea(attrs={"class": "field", "rows": 2}),
    )

    def __init__(self, *given: Any, project: Project, **more: Any) -> None:
        super().__init__(*given, **more)
        self.offers = {
            f"{offer.provider.pk}:{offer.model}": offer for offer in list_offers(project)
        }
        field = self.fields["model"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (declared above)
        field.choices = [
            (value, f"{offer.model} · {offer.provider.name}")
            for value, offer in self.offers.items()
        ]

    def wish(self) -> DraftWish:
        """What the service takes."""
        said = self.cleaned_data
        offer = self.offers[said["model"]]
        return DraftWish(
            offer.provider,
            offer.model,
            said["number"],
            slice=said["slice"],
            wishes=said["wishes"],
            seeds=said["seeds"].split(),
        )
