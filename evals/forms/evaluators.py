"""The form of a version, made from the settings of its check; and that of a try-out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from accounts.models import Project
from evals.evaluating.judging.fencing import PARTS
from evals.evaluating.setting import Check, Setting
from evals.evaluating.settings import Terms
from evals.evaluating.spec import BOOLEAN, CATEGORY, MODEL_KINDS, NUMBER
from gateway.queries import list_offers, providers_of
from prompts.forms.prompts import JsonField, json_text
from traces.models import BarDirection

_LINE = {"class": "field", "autocomplete": "off"}
_MONO = {"class": "field mono", "spellcheck": "false", "autocomplete": "off"}
_AREA = {"class": "field", "rows": "3"}
_NUMBER = {"class": "field num"}
_SELECT = {"class": "field"}
_CONFIG = "s_"
_STEP = re.compile(r"^(?P<name>.+?)\s*(?:=\s*(?P<value>[-+]?[\d.]+))?\s*(?::\s*(?P<meaning>.*))?$")
MOST_STEPS, LONGEST_STEP = 100, 1_000
TYPES = {NUMBER: "A number", BOOLEAN: "Yes or no", CATEGORY: "A category"}
# Meanings stand beside their steps in one field.
_ELSEWHERE = frozenset({"meanings"})


class VersionForm(forms.Form):
    """How an evaluator scores: its settings, its scale, its bar, its model."""

    def __init__(self, project: Project, kind: str, check: Check, *args: Any, **more: Any) -> None:
        super().__init__(*args, **{"auto_id": "ev-%s", **more})
        self.kind, self.check = kind, check
        for setting in check.settings:
            if setting.name not in _ELSEWHERE:
                self.fields[_CONFIG + setting.name] = _field(setting)
        self._add_scale()
        if kind in MODEL_KINDS:
            self._add_model(project)

    def _add_scale(self) -> None:
        check = self.check
        if len(check.types) > 1:
            self.fields["data_type"] = forms.ChoiceField(
                label="Says",
                choices=[(name, TYPES[name]) for name in check.types],
                widget=forms.Select(attrs=_SELECT),
            )
        if CATEGORY in check.types and not check.categories:
            self.fields["steps"] = forms.CharField(
                label="Steps",
                required=False,
                max_length=50_000,
                widget=forms.Textarea(attrs={**_MONO, "rows": "4"}),
                help_text="One a line: good = 1: answers the whole question. Of a category the "
                "number counts in means; of a number only the meaning is needed: 5: perfect.",
            )
        if NUMBER in check.types and check.minimum is None and check.maximum is None:
            for name, label in (("minimum", "Least"), ("maximum", "Most")):
                self.fields[name] = forms.FloatField(
                    label=label,
                    required=False,
                    widget=forms.NumberInput(attrs={**_NUMBER, "step": "any"}),
                    help_text="Of a number." if name == "minimum" else "",
                )
        if check.types != (BOOLEAN,):
            self.fields["bar"] = forms.FloatField(
                label="Bar",
                required=False,
                widget=forms.NumberInput(attrs={**_NUMBER, "step": "any"}),
                help_text="What passes; the bar itself does. Empty: nothing passes or fails.",
            )
            self.fields["bar_direction"] = forms.ChoiceField(
                label="Passes",
                choices=BarDirection.choices,
                initial=check.direction,
                widget=forms.Select(attrs=_SELECT),
            )

    def _add_model(self, project: Project) -> None:
        offers = list_offers(project)
        self.models = sorted({one.model for one in offers})
        self.fields["model"] = forms.CharField(
            label="Model",
            max_length=200,
            widget=forms.TextInput(attrs={**_MONO, "list": "models"}),
            help_text="Another one than the model that is judged leans less towards itself.",
        )
        names = [(one.name, one.name) for one in providers_of(project).filter(is_enabled=True)]
        self.fields["provider"] = forms.ChoiceField(
            label="Provider",
            required=False,
            choices=[("", "Whoever offers the model"), *names],
            widget=forms.Select(attrs=_SELECT),
        )
        self.fields["parameters"] = JsonField(
            of=dict,
            empty={},
            label="Parameters",
            help_text='As JSON, such as {"max_tokens": 4000}; the temperature is 0 by default.',
        )

    def terms(self) -> Terms:
        """What the valid form says."""
        given = self.cleaned_data
        config = {
            setting.name: given[_CONFIG + setting.name]
            for setting in self.check.settings
            if setting.name not in _ELSEWHERE
            and given.get(_CONFIG + setting.name) not in (None, "")
        }
        data_type = given.get("data_type") or self.check.types[0]
        steps = steps_in(given.get("steps") or "")
        if meanings := {name: meaning for name, _, meaning in steps if meaning}:
            config["meanings"] = meanings
        is_category = data_type == CATEGORY and not self.check.categories
        is_number = data_type == NUMBER
        return Terms(
            config={"check": self.check.name, **config},
            data_type=data_type,
            minimum=given.get("minimum") if is_number else None,
            maximum=given.get("maximum") if is_number else None,
            categories=tuple(name for name, _, _ in steps) if is_category else (),
            values=tuple(v for _, v, _ in steps if v is not None) if is_category else (),
            bar=given.get("bar"),
            bar_direction=given.get("bar_direction") or "",
            provider=given.get("provider") or "",
            model=given.get("model") or "",
            parameters=given.get("parameters") or {},
        )

    def blame(self, faults: Iterable[tuple[str, str]]) -> None:
        """Put what the service refuses beside the field that says it."""
        for where, text in faults:
            name = where.replace("config.", _CONFIG, 1)
            if where in ("categories", "values", "config.meanings"):
                name = "steps"
            self.add_error(name if name in self.fields else None, text)


class NewEvaluatorForm(VersionForm):
    """A new evaluator with its first version."""

    name = forms.CharField(
        max_length=200,
        widget=forms.TextInput(attrs=_LINE),
        help_text="It is the name of its scores; / makes folders.",
    )
    description = forms.CharField(
        required=False, max_length=2_000, widget=forms.Textarea(attrs={**_AREA, "rows": "2"})
    )


class NextVersionForm(VersionForm):
    """The next version of one that stands."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["message"] = forms.CharField(
            label="What it changes",
            required=False,
            max_length=500,
            widget=forms.TextInput(attrs=_LINE),
        )
        self.fields["reason"] = forms.CharField(
            label="Why it is to be used",
            required=False,
            max_length=5_000,
            widget=forms.Textarea(attrs={**_AREA, "rows": "2"}),
        )
        self.fields["propose"] = forms.BooleanField(
            label="Ask for it to be used", required=False, initial=True
        )


class TryForm(forms.Form):
    """One answer to try an evaluator on: that of a trace, or what is pasted."""

    trace_id = forms.CharField(
        label="Trace",
        required=False,
        max_length=400,
        widget=forms.TextInput(attrs=_MONO),
        help_text="Its answer with documents and tools; what is pasted below counts more.",
    )
    input = forms.CharField(
        required=False, max_length=200_000, widget=forms.Textarea(attrs={**_AREA, "rows": "2"})
    )
    output = forms.CharField(
        label="Answer",
        required=False,
        max_length=200_000,
        widget=forms.Textarea(attrs={**_AREA, "rows": "4"}),
    )
    other = forms.CharField(
        label="Other answer",
        required=False,
        max_length=200_000,
        widget=forms.Textarea(attrs={**_AREA, "rows": "4"}),
    )
    expected = forms.CharField(
        label="Expected output",
        required=False,
        max_length=200_000,
        widget=forms.Textarea(attrs={**_AREA, "rows": "2"}),
    )
    documents = forms.CharField(
        label="Documents",
        required=False,
        max_length=400_000,
        widget=forms.Textarea(attrs={**_AREA, "rows": "3"}),
        help_text="One a paragraph.",
    )

    def __init__(self, kind: str, *args: Any, **more: Any) -> None:
        super().__init__(*args, **{"auto_id": "try-%s", **more})
        if kind != "pairwise":
            del self.fields["other"]
        if kind in ("code", "agent"):
            del self.fields["documents"]


def steps_in(text: str) -> list[tuple[str, float | None, str]]:
    """(name, number, meaning) of each line `good = 1: answers the question`."""
    found = []
    for line in text.splitlines()[:MOST_STEPS]:
        matched = _STEP.match(line.strip()[:LONGEST_STEP])
        if not line.strip() or matched is None:
            continue
        value = matched["value"]
        try:
            number = float(value) if value else None
        except ValueError:
            number = None
        found.append((matched["name"].strip(), number, (matched["meaning"] or "").strip()))
    return found


def initial_of(terms: Terms) -> dict[str, Any]:
    """What the form shows of `terms`."""
    config = terms.config
    initial: dict[str, Any] = {
        _CONFIG + name: _shown(value) for name, value in config.items() if name != "check"
    }
    meanings = config.get("meanings") or {}
    if terms.categories:
        lines = [
            _step(name, value, meanings.get(name, ""))
            for name, value in zip(terms.categories, terms.values, strict=False)
        ]
    else:
        lines = [_step(name, None, text) for name, text in meanings.items()]
    return {
        **initial,
        "steps": "\n".join(lines),
        "data_type": terms.data_type,
        "minimum": terms.minimum,
        "maximum": terms.maximum,
        "bar": terms.bar,
        "bar_direction": terms.bar_direction,
        "provider": terms.provider,
        "model": terms.model,
        "parameters": json_text(dict(terms.parameters)),
    }


def _step(name: str, value: float | None, meaning: str) -> str:
    number = "" if value is None else f" = {value:g}"
    return f"{name}{number}: {meaning}" if meaning else f"{name}{number}"


def _shown(value: Any) -> Any:
    if isinstance(value, Mapping):
        return json_text(dict(value))
    return value


class LinesField(forms.CharField):
    """Texts, one a line."""

    def prepare_value(self, value: Any) -> Any:
        """Lines of a list."""
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> Any:
        """The lines that hold something."""
        return [line for line in str(super().clean(value) or "").splitlines() if line.strip()]


def _field(setting: Setting) -> forms.Field:
    common: dict[str, Any] = {
        "label": setting.label,
        "required": setting.is_required,
        "initial": setting.default,
        "help_text": setting.help,
    }
    match setting.takes:
        case "flag":
            return forms.BooleanField(**{**common, "required": False})
        case "number":
            return forms.FloatField(
                **common, widget=forms.NumberInput(attrs={**_NUMBER, "step": "any"})
            )
        case "whole":
            return forms.IntegerField(**common, widget=forms.NumberInput(attrs=_NUMBER))
        case "choice":
            return forms.ChoiceField(
                **common, choices=setting.choices, widget=forms.Select(attrs=_SELECT)
            )
        case "words" if setting.name in ("sees", "needs"):
            return forms.MultipleChoiceField(
                **{**common, "help_text": _PART_HELP[setting.name]},
                choices=[(name, name) for name in PARTS],
                widget=forms.CheckboxSelectMultiple(attrs={"class": "check"}),
            )
        case "words":
            return LinesField(**common, widget=forms.Textarea(attrs=_AREA))
        case "schema" | "json":
            return JsonField(of=dict, empty={}, label=setting.label, help_text=setting.help)
        case "text":
            return forms.CharField(
                **common, strip=False, widget=forms.Textarea(attrs={**_AREA, "rows": "10"})
            )
    return forms.CharField(**common, strip=False, widget=forms.TextInput(attrs=_MONO))


_PART_HELP = {
    "sees": "None chosen: all that is known of the answer.",
    "needs": "Without these the verdict is undefined.",
}
