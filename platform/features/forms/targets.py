"""What people write into a target."""

from __future__ import annotations

from typing import Any

from django import forms

from features.forms.fields import TEXT, Lines, Percent
from features.models import BarDirection, BlastRadius, SensitiveData
from features.terms import LONGEST_TEXT, MOST_SAMPLE, NAMES, Terms

_NUMBER = {**TEXT, "step": "any", "inputmode": "decimal"}
_WHOLE = {**TEXT, "inputmode": "numeric"}
_BOX = {"rows": "3", "class": "field"}


def _text(label: str, *, most: int = 200, help_text: str = "", **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=most,
        required=False,
        help_text=help_text,
        widget=forms.TextInput(attrs={**TEXT, **options}),
    )


def _whole(label: str, most: int, help_text: str = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=0,
        max_value=most,
        help_text=help_text,
        widget=forms.NumberInput(attrs=_WHOLE),
    )


class TargetForm(forms.Form):
    """The content of a target, in the order in which it is read."""

    metric = forms.CharField(
        label="Score",
        max_length=200,
        help_text="Name of the score that says whether an answer is good.",
        widget=forms.TextInput(attrs={**TEXT, "spellcheck": "false"}),
    )
    bar_direction = forms.ChoiceField(
        label="Must be",
        choices=BarDirection.choices,
        initial=BarDirection.AT_LEAST,
        widget=forms.Select(attrs={"class": "field"}),
    )
    bar = forms.FloatField(label="Bar", widget=forms.NumberInput(attrs=_NUMBER))
    margin = forms.FloatField(
        label="Margin",
        min_value=0,
        initial=0.03,
        help_text="How much worse than what serves still counts as good as it.",
        widget=forms.NumberInput(attrs=_NUMBER),
    )
    smallest_sample = _whole(
        "Smallest sample", MOST_SAMPLE, "Items that a decision needs; empty: as many as it takes."
    )
    slices = Lines(label="Slices that must each hold", help_text="One a line, such as edge.")
    business_metric = _text(
        "Business metric it stands for", help_text="Such as: refunds settled without a person."
    )
    business_note = forms.CharField(
        label="How they hang together",
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.Textarea(attrs=_BOX),
    )
    tolerated_failure_ratio = Percent(
        label="Tolerated failures, %", help_text="Of answers that miss the bar."
    )
    bad_output_usd = forms.DecimalField(
        label="Cost of a bad output, USD",
        required=False,
        min_value=0,
        max_digits=19,
        decimal_places=9,
        widget=forms.NumberInput(attrs=_NUMBER),
    )
    blast_radius = forms.MultipleChoiceField(
        label="Blast radius",
        required=False,
        choices=BlastRadius.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    blast_note = _text("How far it reaches", most=500, help_text="Such as: up to $200 alone.")
    regulatory_regime = _text("Regulatory regime", most=500, help_text="Such as: GDPR, PCI DSS.")
    sensitive_data = forms.MultipleChoiceField(
        label="Sensitive data it may see",
        required=False,
        choices=SensitiveData.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    p95_latency_ms = _whole("p95 latency, ms", 86_400_000)
    first_token_ms = _whole("First token, p95, ms", 86_400_000)
    availability_ratio = Percent(
        label="Availability, %", help_text="Of requests that end without an error."
    )
    reason = forms.CharField(
        label="Why",
        max_length=LONGEST_TEXT,
        required=False,
        help_text="What you know that makes this the right target; the approver reads it.",
        widget=forms.Textarea(attrs=_BOX),
    )

    GROUPS = (
        (
            "What good means",
            ("metric", "bar_direction", "bar", "margin", "smallest_sample", "slices"),
        ),
        ("What it is worth", ("business_metric", "business_note")),
        (
            "What may go wrong",
            (
                "tolerated_failure_ratio",
                "bad_output_usd",
                "blast_radius",
                "blast_note",
                "regulatory_regime",
                "sensitive_data",
            ),
        ),
        ("Service objectives", ("p95_latency_ms", "first_token_ms", "availability_ratio")),
        ("Reason", ("reason",)),
    )

    def __init__(self, data: Any = None, *, terms: Terms | None = None) -> None:
        initial = {name: getattr(terms, name) for name in NAMES} if terms else {}
        initial = {name: value for name, value in initial.items() if value is not None}
        if not initial.get("smallest_sample"):
            initial.pop("smallest_sample", None)
        super().__init__(data, initial=initial)

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields under their headings."""
        return [(title, [self[name] for name in names]) for title, names in self.GROUPS]

    def terms(self) -> Terms:
        """What was written."""
        said = {name: self.cleaned_data[name] for name in NAMES}
        said["smallest_sample"] = said["smallest_sample"] or 0
        return Terms(**said)
