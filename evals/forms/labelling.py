"""What a person says of one answer: a field for each score that the queue asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from evals.models import ReviewQueue
from evals.services.labelling import Given
from evals.values.scales import Scale, Value, scale_of_field
from traces.models import DataType

MOST_RADIOS = 9
LONGEST_REASON = 10_000
YES, NO = "1", "0"


class LabelForm(forms.Form):
    """Values `v0`, `v1`, … with reasons `r0`, …; `seconds` says how long the answer was open."""

    seconds = forms.FloatField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        queue: ReviewQueue,
        data: Any = None,
        *,
        said: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        super().__init__(data, auto_id="label-%s")
        self.asked = [(dict(one), scale_of_field(one)) for one in queue.fields]
        before = said or {}
        for place, (one, scale) in enumerate(self.asked):
            name = str(one["name"])
            earlier = before.get(name, {})
            self.fields[f"v{place}"] = _field(name, scale, earlier, is_needed=place == 0)
            self.fields[f"r{place}"] = forms.CharField(
                label=f"Why, for {name}",
                required=False,
                max_length=LONGEST_REASON,
                initial=earlier.get("reason") or "",
                widget=forms.Textarea(
                    attrs={"class": "field", "rows": "2", "placeholder": "Why (others read it)"}
                ),
            )

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Each score that is asked for, with its fields and, of choices, the keys 1 to 9."""
        return [
            {
                "name": one["name"],
                "about": one.get("description", ""),
                "field": self[f"v{place}"],
                "reason": self[f"r{place}"],
                "has_choices": isinstance(self.fields[f"v{place}"].widget, forms.RadioSelect),
                "bounds": _bounds(scale),
                "is_needed": place == 0,
            }
            for place, (one, scale) in enumerate(self.asked)
        ]

    @property
    def has_choices(self) -> bool:
        """True where a key 1 to 9 chooses something."""
        return any(isinstance(one.widget, forms.RadioSelect) for one in self.fields.values())

    def given(self) -> dict[str, Given]:
        """What the valid form says, by name; fields that were left empty are absent."""
        found = {}
        for place, (one, scale) in enumerate(self.asked):
            value = _value(scale, self.cleaned_data.get(f"v{place}"))
            if value is not None:
                found[str(one["name"])] = Given(value, self.cleaned_data[f"r{place}"].strip())
        return found

    def fault(self, name: str, text: str) -> None:
        """Say at the field of that score what is wrong with it."""
        places = [at for at, (one, _) in enumerate(self.asked) if one["name"] == name]
        self.add_error(f"v{places[0]}" if places else None, text)


class FlagForm(forms.Form):
    """Why an answer is taken out of everybody's turn."""

    why = forms.CharField(
        required=False, max_length=500, widget=forms.TextInput(attrs={"class": "field"})
    )


def _field(name: str, scale: Scale, earlier: Mapping[str, Any], *, is_needed: bool) -> forms.Field:
    number, label = earlier.get("num"), earlier.get("label")
    if scale.data_type == DataType.BOOLEAN:
        chosen = "" if number is None else YES if number else NO
        return _choices(name, [(YES, "Yes"), (NO, "No")], chosen, is_needed)
    if scale.data_type == DataType.CATEGORY and scale.categories:
        return _choices(name, [(one, one) for one in scale.categories], label or "", is_needed)
    if scale.steps:
        chosen = "" if number is None else f"{number:g}"
        return _choices(name, [(f"{one}", f"{one}") for one in scale.steps], chosen, is_needed)
    if scale.data_type == DataType.CATEGORY:
        return forms.CharField(
            label=name,
            required=is_needed,
            max_length=500,
            initial=label or "",
            widget=forms.TextInput(attrs={"class": "field", "autocomplete": "off"}),
        )
    return forms.FloatField(
        label=name,
        required=is_needed,
        initial=number,
        min_value=scale.minimum,
        max_value=scale.maximum,
        widget=forms.NumberInput(attrs={"class": "field num", "step": "any"}),
    )


def _choices(
    name: str, choices: list[tuple[str, str]], chosen: str, is_needed: bool
) -> forms.ChoiceField:
    is_short = len(choices) <= MOST_RADIOS
    return forms.ChoiceField(
        label=name,
        required=is_needed,
        choices=choices if is_short else [("", "Choose"), *choices],
        initial=chosen,
        widget=forms.RadioSelect if is_short else forms.Select(attrs={"class": "field"}),
        error_messages={"required": "Say what you think first."},
    )


def _value(scale: Scale, given: Any) -> Value | None:
    if given is None or given == "":
        return None
    if scale.data_type == DataType.BOOLEAN:
        return bool(given == YES)
    if scale.data_type == DataType.CATEGORY:
        return str(given)
    return float(given)


def _bounds(scale: Scale) -> str:
    low, high = scale.minimum, scale.maximum
    if scale.data_type != DataType.NUMBER or scale.steps:
        return ""
    if low is not None and high is not None:
        return f"{low:g} to {high:g}"
    return "" if low is None and high is None else f"from {low:g}" if low is not None else (
        f"up to {high:g}"
    )  # fmt: skip
