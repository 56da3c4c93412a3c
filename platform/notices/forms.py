"""What people type into the pages of webhooks and notices."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms

from kit.outbound import BadAddress, check_url
from notices.events import EVERY, Wish, all_events
from notices.models import WebhookEndpoint
from notices.queries.personal import Wishes

PERIODS = [("1", "the last hour"), ("24", "24 hours"), ("168", "7 days"), ("720", "30 days")]


class WebhookForm(forms.Form):
    """Where a webhook goes and which events go there."""

    url = forms.CharField(
        label="Address",
        max_length=500,
        help_text="Of your server; it answers 2xx within 15 seconds.",
        widget=forms.URLInput(
            attrs={"class": "field", "autocomplete": "off", "placeholder": "https://"}
        ),
    )
    description = forms.CharField(
        label="Description",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"class": "field", "autocomplete": "off"}),
    )
    every_event = forms.BooleanField(
        label="Every event, those of later versions too", required=False
    )
    events = forms.MultipleChoiceField(
        label="Events", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["events"]
        assert isinstance(choice, forms.MultipleChoiceField)  # noqa: S101  (as declared above)
        choice.choices = [(event.name, event.text) for event in all_events()]

    @classmethod
    def of(cls, endpoint: WebhookEndpoint) -> WebhookForm:
        """The form as it stands for a webhook."""
        return cls(
            initial={
                "url": endpoint.url,
                "description": endpoint.description,
                "every_event": endpoint.wants_all,
                "events": endpoint.events,
            }
        )

    def clean_url(self) -> str:
        """An address that may be spoken to, as far as it can be told without asking for names."""
        try:
            return check_url(self.cleaned_data["url"])
        except BadAddress as bad:
            raise forms.ValidationError(str(bad)) from None

    def clean(self) -> dict[str, Any]:
        """At least one event."""
        given = super().clean() or self.cleaned_data
        if not given.get("every_event") and not given.get("events") and "events" not in self.errors:
            self.add_error("events", "Choose at least one event.")
        return given

    def wanted(self) -> dict[str, Any]:
        """Arguments of the services that make and change a webhook."""
        given = self.cleaned_data
        events = [EVERY] if given["every_event"] else given["events"]
        return {"url": given["url"], "description": given["description"], "events": events}


class ReplayForm(forms.Form):
    """How far back what failed is sent again."""

    hours = forms.ChoiceField(
        label="Failed within",
        choices=PERIODS,
        widget=forms.Select(attrs={"class": "field"}),
    )

    def period(self) -> timedelta:
        """The chosen time."""
        return timedelta(hours=int(self.cleaned_data["hours"]))


class WishesForm(forms.Form):
    """How a person wants each event, and which projects they want nothing of."""

    def __init__(self, *args: Any, wishes: Wishes, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for row in wishes.events:
            self.fields[f"wish-{row.event.name}"] = forms.ChoiceField(
                label=row.event.text,
                choices=[(wish.value, wish.label) for wish in row.event.wishes],
                initial=row.wish.value if row.wish in row.event.wishes else Wish.PRODUCT.value,
                widget=forms.RadioSelect,
            )
        self.fields["muted"] = forms.MultipleChoiceField(
            label="Nothing from these projects",
            required=False,
            choices=[(str(project.pk), project.name) for project in wishes.projects],
            initial=[str(pk) for pk in wishes.muted],
            widget=forms.CheckboxSelectMultiple,
        )

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The fields of events as rows of a table: an option of each wish, None where none is."""
        fields = [self[name] for name in self.fields if name.startswith("wish-")]
        return [
            {
                "field": field,
                "options": [
                    next((one for one in field.subwidgets if one.data["value"] == wish.value), None)
                    for wish in Wish
                ],
            }
            for field in fields
        ]

    def wishes(self) -> dict[str, Wish]:
        """What was chosen, by name of the event."""
        return {
            name.removeprefix("wish-"): Wish(value)
            for name, value in self.cleaned_data.items()
            if name.startswith("wish-")
        }

    def muted(self) -> list[int]:
        """Ids of the muted projects."""
        return [int(pk) for pk in self.cleaned_data["muted"]]
