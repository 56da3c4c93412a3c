"""Forms of labels: set or taken away, and rolled back."""

from __future__ import annotations

from django import forms

from prompts.forms.reviews import LAST_NUMBER, LONGEST_REASON


class LabelForm(forms.Form):
    """Where a free label is to point; without a version it is taken away."""

    label = forms.CharField(max_length=100)
    version = forms.IntegerField(required=False, min_value=1, max_value=LAST_NUMBER)


class RollbackForm(forms.Form):
    """Which label goes back. The reason may come afterwards."""

    label = forms.CharField(max_length=100)
    reason = forms.CharField(required=False, max_length=LONGEST_REASON)
