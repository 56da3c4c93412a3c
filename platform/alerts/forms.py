"""What people type into the pages of alerts."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from accounts.models import Project, User
from accounts.queries import list_members
from alerts.models import AlertSettings, Channel, ChannelKind, Severity
from alerts.services.channels import PAGERDUTY_URL

SNOOZES = {"1": "1 hour", "4": "4 hours", "24": "1 day", "72": "3 days", "168": "7 days"}


def _text(**attrs: str) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "field", "autocomplete": "off", **attrs})


class NoteForm(forms.Form):
    """What somebody says of their act."""

    text = forms.CharField(label="Note", max_length=1000, required=False, widget=_text())


class SnoozeForm(NoteForm):
    """For how long."""

    hours = forms.ChoiceField(label="Snooze for", choices=list(SNOOZES.items()))

    def until(self) -> datetime:
        """When it is open again."""
        return timezone.now() + timedelta(hours=int(self.cleaned_data["hours"]))


class AssignForm(forms.Form):
    """To whom."""

    owner = forms.TypedChoiceField(label="Owner", coerce=int)

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._members = {row.user.pk: row.user for row in list_members(project)}
        choice = self.fields["owner"]
        assert isinstance(choice, forms.TypedChoiceField)  # noqa: S101  (as declared above)
        choice.choices = [(pk, one.display_name) for pk, one in self._members.items()]

    def person(self) -> User:
        """The chosen member."""
        return self._members[self.cleaned_data["owner"]]


class ChannelForm(forms.Form):
    """A channel of one kind: only what that kind needs."""

    name = forms.CharField(label="Name", max_length=100, widget=_text())
    least_severity = forms.ChoiceField(
        label="Gets",
        choices=[
            (Severity.INFO.value, "everything"),
            (Severity.TICKET.value, "tickets and pages"),
            (Severity.PAGE.value, "pages alone"),
        ],
        widget=forms.Select(attrs={"class": "field"}),
        initial=Severity.TICKET.value,
    )

    def __init__(
        self, *args: Any, kind: str, channel: Channel | None = None, **kwargs: Any
    ) -> None:
        if channel is not None:
            kwargs["initial"] = {
                "name": channel.name,
                "least_severity": channel.least_severity,
                "addresses": "\n".join(channel.addresses),
                "url": "" if kind == ChannelKind.SLACK else channel.url,
            }
        super().__init__(*args, **kwargs)
        self.kind = kind
        for name, field in _fields(kind, is_new=channel is None).items():
            self.fields[name] = field

    def wanted(self) -> dict[str, Any]:
        """Arguments of the services that make and change a channel."""
        given = dict(self.cleaned_data)
        if "addresses" in given:
            given["addresses"] = [one for one in re.split(r"[\s,;]+", given["addresses"]) if one]
        return given


def _fields(kind: str, *, is_new: bool) -> dict[str, forms.Field]:
    kept = "" if is_new else " Leave it empty to keep the one that is stored."
    match kind:
        case ChannelKind.EMAIL:
            return {
                "addresses": forms.CharField(
                    label="Addresses",
                    max_length=5000,
                    help_text="One a line. Owners of incidents are told besides, as they chose.",
                    widget=forms.Textarea(attrs={"class": "field", "rows": "3"}),
                )
            }
        case ChannelKind.SLACK:
            return {
                "url": forms.CharField(
                    label="Incoming webhook",
                    max_length=500,
                    required=is_new,
                    help_text=f"As Slack shows it for a channel. It is kept as a secret.{kept}",
                    widget=_text(placeholder="https://hooks.slack.com/services/…"),
                )
            }
        case ChannelKind.PAGERDUTY:
            return {
                "key": forms.CharField(
                    label="Routing key",
                    max_length=64,
                    required=is_new,
                    help_text=f"Of an integration of the kind Events API v2.{kept}",
                    widget=_text(),
                ),
                "url": forms.CharField(
                    label="Address",
                    max_length=500,
                    initial=PAGERDUTY_URL,
                    help_text="In Europe https://events.eu.pagerduty.com/v2/enqueue",
                    widget=_text(),
                ),
            }
    return {
        "url": forms.CharField(
            label="Address",
            max_length=500,
            help_text="Of your server; it answers 2xx within 15 seconds.",
            widget=_text(placeholder="https://"),
        )
    }


class SettingsForm(forms.Form):
    """What the project wishes of its alerts."""

    escalate_minutes = forms.IntegerField(
        label="Minutes until a page that nobody acknowledges goes to the deputy",
        min_value=1,
        max_value=1440,
        widget=forms.NumberInput(attrs={"class": "field num"}),
    )
    fold_minutes = forms.IntegerField(
        label="Minutes in which further causes fold into the first incident (0: never)",
        min_value=0,
        max_value=120,
        widget=forms.NumberInput(attrs={"class": "field num"}),
    )
    content_leaves = forms.BooleanField(label="Messages may quote what traces say", required=False)

    @classmethod
    def of(cls, wishes: AlertSettings) -> SettingsForm:
        """The form as it stands."""
        return cls(
            initial={
                "escalate_minutes": wishes.escalate_minutes,
                "fold_minutes": wishes.fold_minutes,
                "content_leaves": wishes.content_leaves,
            }
        )
