"""How long a link lasts."""

from __future__ import annotations

from django import forms

from traces.services.sharing import LONGEST_DAYS


class ShareForm(forms.Form):
    """Days until a link ends."""

    days = forms.IntegerField(
        label="Ends after days",
        min_value=1,
        max_value=LONGEST_DAYS,
        initial=7,
        help_text=f"1 to {LONGEST_DAYS}.",
        widget=forms.NumberInput(attrs={"class": "field num"}),
    )
