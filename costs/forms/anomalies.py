"""What is typed of days of which other spend is to be expected."""

from __future__ import annotations

from django import forms


def _text(**attrs: str) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "field", "autocomplete": "off", **attrs})


class EventForm(forms.Form):
    """A launch or a holiday of which other spend is to be expected."""

    note = forms.CharField(label="What", max_length=200, widget=_text())
    since = forms.DateTimeField(label="From, UTC", widget=_text(placeholder="2026-12-24 00:00"))
    until = forms.DateTimeField(label="To, UTC", widget=_text(placeholder="2026-12-27 00:00"))
    feature = forms.CharField(
        label="Feature", max_length=200, required=False, widget=_text(),
        help_text="Empty: all of the project.",
    )  # fmt: skip
    is_holiday = forms.BooleanField(
        label="A holiday: nothing alerts", required=False,
        help_text="Else it takes twice as much to alert.",
    )  # fmt: skip
