"""What a person may say of a trace: a field for each score definition, tags, a note."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from traces.models import DataType, Score, ScoreDefinition, ScoreSource
from traces.services.annotations import LONGEST_NOTE, Verdict
from traces.values.score_bars import bar_of

MOST_DEFINITIONS = 30  # on one panel
MOST_KEYS = 9
MOST_RADIOS = 9  # more categories are a list to choose from
_NOT_GIVEN = ("", "Not given")


def open_to_people(definitions: Iterable[ScoreDefinition]) -> list[ScoreDefinition]:
    """The definitions by which people may score."""
    return [
        one
        for one in definitions
        if not one.is_archived and (not one.sources or ScoreSource.HUMAN.value in one.sources)
    ][:MOST_DEFINITIONS]


class AnnotateForm(forms.Form):
    """Scores `s<pk>` with comments `c<pk>`, `tags` a line or a comma each, and a `note`."""

    tags = forms.CharField(
        label="Add tags",
        required=False,
        max_length=10_000,
        help_text="With commas between them.",
        widget=forms.TextInput(attrs={"class": "field", "autocomplete": "off"}),
    )
    note = forms.CharField(
        label="Add a note",
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"class": "field", "rows": "3"}),
    )

    def __init__(
        self,
        definitions: list[ScoreDefinition],
        given: Mapping[int, Score],
        data: Any = None,
    ) -> None:
        super().__init__(data, auto_id="annotate-%s")
        self.definitions = definitions
        self.given = given
        keys = 0
        for definition in definitions:
            field = _field(definition, given.get(definition.pk))
            self.fields[f"s{definition.pk}"] = field
            comment = given[definition.pk].comment if definition.pk in given else ""
            self.fields[f"c{definition.pk}"] = forms.CharField(
                label=f"Why, for {definition.name}",
                required=False,
                max_length=LONGEST_NOTE,
                initial=comment or "",
                widget=forms.TextInput(
                    attrs={"class": "field", "autocomplete": "off", "placeholder": "Why"}
                ),
            )
            keys = _number(field, keys)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Each definition with its fields, in order."""
        return [
            {
                "definition": one,
                "field": self[f"s{one.pk}"],
                "comment": self[f"c{one.pk}"],
                "keys": getattr(self.fields[f"s{one.pk}"], "keys", {}),
                "bounds": _bounds(one),
            }
            for one in self.definitions
        ]

    def verdicts(self) -> list[Verdict]:
        """What the valid form changes: values given anew, and those taken back."""
        found = []
        for one in self.definitions:
            value = _value(one, self.cleaned_data[f"s{one.pk}"])
            comment = self.cleaned_data[f"c{one.pk}"].strip()
            earlier = self.given.get(one.pk)
            if value is None and earlier is None:
                continue
            if earlier is not None and value is not None:
                same = earlier.label if earlier.num is None else earlier.num
                if same == value and (earlier.comment or "") == comment:
                    continue
            found.append(Verdict(one, value, comment))
        return found

    def tag_list(self) -> list[str]:
        """The tags that were typed."""
        return str(self.cleaned_data["tags"]).replace("\n", ",").split(",")


def _field(definition: ScoreDefinition, score: Score | None) -> forms.Field:
    name = definition.name
    label = score.label if score is not None else None
    number = score.num if score is not None else None
    if definition.data_type == DataType.BOOLEAN:
        chosen = "" if number is None else "1" if number else "0"
        return forms.ChoiceField(
            label=name,
            required=False,
            choices=[("1", "Yes"), ("0", "No"), _NOT_GIVEN],
            initial=chosen,
            widget=forms.RadioSelect,
        )
    if definition.data_type == DataType.CATEGORY and definition.categories:
        choices = [(one, one) for one in definition.categories]
        if label and label not in definition.categories:
            choices.append((label, label))
        is_short = len(choices) <= MOST_RADIOS
        return forms.ChoiceField(
            label=name,
            required=False,
            choices=[*choices, _NOT_GIVEN],
            initial=label or "",
            widget=forms.RadioSelect if is_short else forms.Select(attrs={"class": "field"}),
        )
    if definition.data_type == DataType.CATEGORY:
        return forms.CharField(
            label=name,
            required=False,
            max_length=500,
            initial=label or "",
            widget=forms.TextInput(attrs={"class": "field", "autocomplete": "off"}),
        )
    return forms.FloatField(
        label=name,
        required=False,
        initial=number,
        min_value=definition.minimum,
        max_value=definition.maximum,
        widget=forms.NumberInput(attrs={"class": "field num", "step": "any"}),
    )


def _number(field: forms.Field, keys: int) -> int:
    """Give the choices of a field the next free keys from 1 to 9; returns how many are given."""
    if not isinstance(field.widget, forms.RadioSelect):
        return keys
    given: dict[str, int] = {}
    for value, _ in getattr(field, "choices", ()):
        if value and keys < MOST_KEYS:
            keys += 1
            given[str(value)] = keys
    field.keys = given  # type: ignore[attr-defined]
    return keys


def _value(definition: ScoreDefinition, given: Any) -> Any:
    if given is None or given == "":
        return None
    return given == "1" if definition.data_type == DataType.BOOLEAN else given


def _bounds(definition: ScoreDefinition) -> str:
    bar = bar_of(definition)
    passes = f"passes {bar.words}" if bar is not None else ""
    return ", ".join(filter(None, (_range(definition), passes)))


def _range(definition: ScoreDefinition) -> str:
    low, high = definition.minimum, definition.maximum
    if low is not None and high is not None:
        return f"{low:g} to {high:g}"
    if low is not None:
        return f"{low:g} or more"
    return f"{high:g} or less" if high is not None else ""
