"""The form of a rule of online evals."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms

from accounts.models import Project
from evals.models import Evaluator, OnlineRule
from evals.services.online import Wanted

_LINE = {"class": "field", "autocomplete": "off"}
_NUMBER = {"class": "field num"}
NANO = Decimal(10) ** 9


class RuleForm(forms.Form):
    """Which live traces an evaluator looks at, how many, and for how much a day."""

    name = forms.CharField(max_length=200, widget=forms.TextInput(attrs=_LINE))
    evaluator = forms.ChoiceField(
        widget=forms.Select(attrs={"class": "field"}),
        help_text="The version in use at that moment judges.",
    )
    share = forms.DecimalField(
        label="Share of traces, in %",
        min_value=Decimal("0.0001"),
        max_value=Decimal(100),
        max_digits=7,
        decimal_places=4,
        initial=Decimal(10),
        widget=forms.NumberInput(attrs={**_NUMBER, "step": "any"}),
        help_text="Drawn by the trace itself: the same trace is in or out at every look.",
    )
    feature = forms.CharField(
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs=_LINE),
        help_text="Empty: every feature.",
    )
    environment = forms.CharField(
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs=_LINE),
        help_text="Empty: all that is traffic.",
    )
    query = forms.CharField(
        required=False,
        max_length=2_000,
        widget=forms.TextInput(attrs={"class": "field mono", "spellcheck": "false"}),
        help_text="As in the list of traces, such as model:gpt-4o latency:>2s.",
    )
    budget = forms.DecimalField(
        label="Budget a day, in $",
        required=False,
        min_value=Decimal(0),
        max_value=Decimal(1_000_000),
        max_digits=16,
        decimal_places=9,
        widget=forms.NumberInput(attrs={**_NUMBER, "step": "any"}),
        help_text="Of a UTC day. A call that might cross it is not made. Empty: no budget.",
    )
    is_enabled = forms.BooleanField(label="In force", required=False, initial=True)

    def __init__(self, project: Project, *args: Any, **more: Any) -> None:
        super().__init__(*args, **{"auto_id": "rule-%s", **more})
        found = Evaluator.objects.filter(project=project, archived_at=None).exclude(kind="pairwise")
        field = self.fields["evaluator"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        field.choices = [(one.name, one.name) for one in found.order_by("name")[:500]]

    def wanted(self) -> Wanted:
        """What the valid form says."""
        given = self.cleaned_data
        budget = given["budget"]
        return Wanted(
            name=given["name"],
            evaluator=given["evaluator"],
            share=(given["share"] / 100).quantize(Decimal("0.000001")),
            feature=given["feature"],
            query=given["query"],
            environment=given["environment"],
            daily_budget_nano=None if budget is None else int(budget * NANO),
            is_enabled=given["is_enabled"],
        )

    def blame(self, faults: Iterable[tuple[str, str]]) -> None:
        """Put what the service refuses beside the field that says it."""
        for where, text in faults:
            name = "budget" if where == "daily_budget_nano" else where
            self.add_error(name if name in self.fields else None, text)


def initial_of(rule: OnlineRule) -> dict[str, Any]:
    """What the form shows of a rule that stands."""
    budget = rule.daily_budget_nano
    return {
        "name": rule.name,
        "evaluator": rule.evaluator.name,
        "share": (rule.share * 100).normalize(),
        "feature": rule.feature,
        "environment": rule.environment,
        "query": rule.query,
        "budget": None if budget is None else (Decimal(budget) / NANO).normalize(),
        "is_enabled": rule.is_enabled,
    }
