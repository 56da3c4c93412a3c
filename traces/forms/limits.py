"""What people set as limits of a project and as the share of traces that is kept."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from traces.forms.scores import LinesField
from traces.queries.limits import WAIT_MINUTES, Limits

MOST_LISTED = 100
MOST_WAIT_MINUTES = 24 * 60
_NUMBER = {"class": "field num", "inputmode": "numeric", "autocomplete": "off"}
_DECIMAL = {**_NUMBER, "inputmode": "decimal"}


def _count(label: str, most: int, help_text: str = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=1,
        max_value=most,
        help_text=help_text,
        widget=forms.TextInput(attrs=_NUMBER),
    )


class LimitsForm(forms.Form):
    """The limits of a project; what is empty is no limit of its own."""

    spans_per_second = _count(
        "Spans a second", 10_000_000, "Beyond it senders hear 503 and send the same again."
    )
    burst_spans = _count(
        "At once", 100_000_000, "Spans that may come in one burst; empty: ten seconds of the rate."
    )
    spans_per_day = _count(
        "Spans a day (UTC)",
        10**12,
        "Beyond it everything is still taken, but only errors, slow and scored traces stay.",
    )
    keep_percent = forms.DecimalField(
        label="Keep, in percent of all traces",
        min_value=0,
        max_value=100,
        max_digits=5,
        decimal_places=2,
        help_text="Which traces stay is told by their id alone: raising it loses none.",
        widget=forms.TextInput(attrs=_DECIMAL),
    )
    slow_seconds = forms.DecimalField(
        label="Always keep what takes longer than, in seconds",
        required=False,
        min_value=Decimal("0.001"),
        max_value=Decimal(10**9),
        max_digits=13,
        decimal_places=3,
        help_text="Empty: how long a trace took keeps none.",
        widget=forms.TextInput(attrs=_DECIMAL),
    )
    keep_features = LinesField(
        label="Always keep these features", required=False, help_text="One a line."
    )
    keep_tags = LinesField(
        label="Always keep traces with these tags", required=False, help_text="One a line."
    )
    wait_minutes = forms.IntegerField(
        label="Minutes of quiet before a trace goes",
        min_value=0,
        max_value=MOST_WAIT_MINUTES,
        initial=WAIT_MINUTES,
        help_text="Until then it can be read, and a score or an outcome keeps it.",
        widget=forms.TextInput(attrs=_NUMBER),
    )

    def clean_keep_features(self) -> list[str]:
        """At most a hundred, of the length that is stored."""
        return _listed(self.cleaned_data["keep_features"])

    def clean_keep_tags(self) -> list[str]:
        """At most a hundred, of the length that is stored."""
        return _listed(self.cleaned_data["keep_tags"])

    @staticmethod
    def of(limits: Limits) -> dict[str, Any]:
        """What the fields show of `limits`."""
        shown = limits.columns()
        slow = shown.pop("slow_ms")
        percent = limits.keep_percent.normalize()
        return {
            **shown,
            "keep_percent": f"{percent:f}",
            "slow_seconds": None if slow is None else f"{(Decimal(slow) / 1000).normalize():f}",
        }

    def limits(self) -> Limits:
        """What the valid form says."""
        given = dict(self.cleaned_data)
        slow = given.pop("slow_seconds")
        given["slow_ms"] = None if slow is None else int(slow * 1000)
        given["keep_features"] = tuple(given["keep_features"])
        given["keep_tags"] = tuple(given["keep_tags"])
        return Limits(**given)


def _listed(lines: list[str]) -> list[str]:
    if len(lines) > MOST_LISTED:
        raise forms.ValidationError(f"At most {MOST_LISTED} lines; these are {len(lines)}.")
    for line in lines:
        if len(line) > 200 or "\0" in line:
            raise forms.ValidationError(f"{line[:50]!r} is longer than 200 characters, or no text.")
    return list(dict.fromkeys(lines))
