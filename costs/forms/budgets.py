"""What people type of a budget, and of a raise of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from accounts.models import Project, User
from accounts.queries import list_members
from costs.models import Budget, Period, Scope, Unit

NANO = Decimal(10) ** 9
NAMED = (Scope.FEATURE, Scope.SEGMENT, Scope.MODEL, Scope.KEY)


def _text(**attrs: str) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "field", "autocomplete": "off", **attrs})


def _choice() -> forms.Select:
    return forms.Select(attrs={"class": "field"})


def _limit(label: str) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        min_value=Decimal(0),
        max_digits=24,
        decimal_places=9,
        widget=_text(inputmode="decimal"),
    )


class BudgetForm(forms.Form):
    """A new budget."""

    name = forms.CharField(label="Name", max_length=100, widget=_text())
    scope = forms.ChoiceField(
        label="Of", choices=Scope.choices, initial=Scope.FEATURE, widget=_choice(),
        help_text="A limit of each user is in dollars in 24 hours; it warns and refuses nothing.",
    )  # fmt: skip
    value = forms.CharField(
        label="Which one", max_length=200, required=False, widget=_text(list="budget-values"),
        help_text="The feature, segment or model by its name, a key by its public part.",
    )  # fmt: skip
    limit = _limit("Limit")
    unit = forms.ChoiceField(label="In", choices=Unit.choices, widget=_choice())
    period = forms.ChoiceField(
        label="For each", choices=Period.choices, initial=Period.MONTH, widget=_choice()
    )
    rolling_hours = forms.IntegerField(
        label="Rolling hours", required=False, min_value=1, max_value=744,
        widget=_text(inputmode="numeric"), help_text="Of rolling ones alone.",
    )  # fmt: skip
    is_hard = forms.BooleanField(
        label="Hard: refuse calls that would go over it", required=False,
        help_text="Holds for callers that reserve before they call.",
    )  # fmt: skip
    owner = forms.TypedChoiceField(
        label="Owner", coerce=int, required=False, empty_value=None, widget=_choice()
    )
    note = forms.CharField(label="Note", max_length=500, required=False, widget=_text())

    def __init__(self, *args: Any, project: Project, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._members = {row.user.pk: row.user for row in list_members(project)}
        choice = self.fields["owner"]
        assert isinstance(choice, forms.TypedChoiceField)  # noqa: S101  (as declared above)
        choice.choices = [(pk, one.display_name) for pk, one in self._members.items()]
        choice.initial = user.pk

    def wanted(self) -> dict[str, Any]:
        """Arguments of the service."""
        said = dict(self.cleaned_data)
        is_each_user = said["scope"] == Scope.USER
        limit = said["limit"] * (NANO if said["unit"] == Unit.MONEY else 1)
        return {
            **said,
            "limit": int(limit),
            "period": Period.ROLLING if is_each_user else said["period"],
            "rolling_hours": 24 if is_each_user else said["rolling_hours"],
            "owner": self._members.get(said["owner"]) if said["owner"] else None,
        }


class RaiseForm(forms.Form):
    """A higher limit, and what it is for."""

    limit = _limit("New limit")
    reason = forms.CharField(label="What for", max_length=500, widget=_text())

    def amount(self, budget: Budget) -> int:
        """The limit in the unit of the budget."""
        return int(self.cleaned_data["limit"] * (NANO if budget.is_money else 1))
