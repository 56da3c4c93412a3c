"""Pieces of the forms: lines of text, and ratios that are typed as percent."""

from __future__ import annotations

from typing import Any

from django import forms

TEXT = {"class": "field", "autocomplete": "off"}


class Lines(forms.CharField):
    """One thing a line, as a list."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.Textarea(attrs={"rows": "3", "class": "field"}))
        super().__init__(required=False, **options)

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        """What is not blank."""
        text = super().to_python(value)
        return [line.strip() for line in str(text).splitlines() if line.strip()]

    def prepare_value(self, value: Any) -> Any:
        """A list as lines."""
        return "\n".join(value) if isinstance(value, (list, tuple)) else value


class Percent(forms.FloatField):
    """A ratio of 0 to 1, typed as 0 to 100."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            required=False,
            min_value=0,
            max_value=100,
            widget=forms.NumberInput(attrs={**TEXT, "step": "any", "inputmode": "decimal"}),
            **options,
        )

    def clean(self, value: Any) -> float | None:
        """The ratio."""
        percent = super().clean(value)
        return None if percent is None else round(percent / 100, 10)

    def prepare_value(self, value: Any) -> Any:
        """What is stored as percent; what was typed as it was."""
        return f"{round(value * 100, 8):.10g}" if isinstance(value, float) else value
