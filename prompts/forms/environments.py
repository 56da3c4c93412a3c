"""Forms of an environment's rules, of folder owners, of standing in."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from django import forms

from accounts.models import Project, User
from accounts.queries import list_members
from prompts.models import Environment
from prompts.rules.names import fault_of_label
from prompts.services.environments import Rules

_NUMBER = {"class": "field num"}


class EnvironmentForm(forms.Form):
    """The rules of one environment; `name` is fixed once it stands."""

    name = forms.CharField(max_length=100, widget=forms.TextInput(attrs={"class": "field mono"}))
    protection = forms.ChoiceField(
        choices=Environment.Protection.choices, widget=forms.RadioSelect, initial="automatic"
    )
    approvals = forms.IntegerField(
        min_value=0, max_value=20, initial=1, widget=forms.NumberInput(attrs=_NUMBER),
        help_text="By people who wrote no part of the change.",
    )  # fmt: skip
    wide_share = forms.IntegerField(
        label="A wide share begins above, %",
        min_value=0, max_value=100, initial=10, widget=forms.NumberInput(attrs=_NUMBER),
    )  # fmt: skip
    wide_approvals = forms.IntegerField(
        label="Approvals of a wide share",
        required=False, min_value=0, max_value=20, widget=forms.NumberInput(attrs=_NUMBER),
        help_text="Empty: two, or as many as there are people who can review where fewer can.",
    )  # fmt: skip
    required_checks = forms.CharField(
        required=False, max_length=2000, widget=forms.TextInput(attrs={"class": "field"}),
        help_text="Names of checks that must be green, separated by commas, such as gate.",
    )  # fmt: skip
    check_max_age_hours = forms.IntegerField(
        label="A check is old after, hours",
        min_value=1, max_value=24 * 365, initial=168, widget=forms.NumberInput(attrs=_NUMBER),
    )  # fmt: skip
    resolve_threads = forms.BooleanField(
        label="Every discussion of a line must be resolved", required=False
    )
    seen_share = forms.IntegerField(
        label="Reads seen in traces before a wide stage, %",
        min_value=0, max_value=100, initial=95, widget=forms.NumberInput(attrs=_NUMBER),
    )  # fmt: skip

    def clean_name(self) -> str:
        """The name. Raises: ValidationError."""
        name: str = self.cleaned_data["name"].strip()
        if fault := fault_of_label(name):
            raise forms.ValidationError(fault)
        return name

    def rules(self) -> Rules:
        """What was asked for."""
        said = dict(self.cleaned_data)
        said.pop("name")
        said["required_checks"] = [
            part.strip() for part in said["required_checks"].split(",") if part.strip()
        ]
        return Rules(**said)


def initial_rules(environment: Environment) -> dict[str, Any]:
    """The form's values for an environment."""
    fields = [name for name in EnvironmentForm.base_fields if name != "required_checks"]
    found = {name: getattr(environment, name) for name in fields}
    return found | {"required_checks": ", ".join(environment.required_checks)}


class _People(forms.Form):
    def __init__(self, *given: Any, project: Project, **more: Any) -> None:
        super().__init__(*given, **more)
        self.members = {
            str(member.user.pk): member.user
            for member in list_members(project)
            if member.user.is_active
        }
        self.choices = [(pk, user.display_name) for pk, user in self.members.items()]


class OwnersForm(_People):
    """Who owns a folder; nobody ticked: it has no owners."""

    folder = forms.CharField(
        required=False, max_length=255, widget=forms.TextInput(attrs={"class": "field mono"}),
        help_text="Such as support/billing; empty: every prompt.",
    )  # fmt: skip
    owners = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *given: Any, project: Project, **more: Any) -> None:
        super().__init__(*given, project=project, **more)
        self.fields["owners"].choices = self.choices  # type: ignore[attr-defined]

    def people(self) -> list[User]:
        """Those that were ticked."""
        return [self.members[pk] for pk in self.cleaned_data["owners"]]


class DelegationForm(_People):
    """Who stands in for whom, from day to day, both included (UTC)."""

    user = forms.ChoiceField(label="While", widget=forms.Select(attrs={"class": "field"}))
    delegate = forms.ChoiceField(
        label="is away, this counts for them", widget=forms.Select(attrs={"class": "field"})
    )
    starts_on = forms.DateField(
        label="From", widget=forms.DateInput(attrs={"class": "field", "type": "date"})
    )
    ends_on = forms.DateField(
        label="To", widget=forms.DateInput(attrs={"class": "field", "type": "date"})
    )
    reason = forms.CharField(
        required=False, max_length=200, widget=forms.TextInput(attrs={"class": "field"})
    )

    def __init__(self, *given: Any, project: Project, **more: Any) -> None:
        super().__init__(*given, project=project, **more)
        for name in ("user", "delegate"):
            self.fields[name].choices = self.choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Both days in order. Raises: ValidationError."""
        said = super().clean() or {}
        first, last = said.get("starts_on"), said.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", "It ends before it begins.")
        return said

    def instants(self) -> tuple[datetime, datetime]:
        """Begin of the first day and end of the last one."""
        first, last = self.cleaned_data["starts_on"], self.cleaned_data["ends_on"]
        return (
            datetime.combine(first, time.min, UTC),
            datetime.combine(last, time.max, UTC),
        )
