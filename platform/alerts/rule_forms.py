"""The form of an alert rule: only the fields that its metric and condition need."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms

from accounts.models import Project
from accounts.queries import list_members
from alerts.models import AlertRule, Severity
from alerts.queries.channels import list_channels
from alerts.queries.rule_sources import source_named
from alerts.rules.metrics import METRICS
from alerts.rules.units import SIGNS, meant, typed
from alerts.rules.windows import LENGTHS
from features.queries import features_of
from traces.queries.score_definitions import definitions_of
from traces.queries.scores import score_names

_LINE = {"class": "field", "autocomplete": "off"}
_QUERY = {"class": "field mono", "autocomplete": "off", "spellcheck": "false"}
_NUMBER = {"class": "field num", "step": "any"}
_CHANGES = ("rises", "falls")
DEFAULTS: Mapping[str, Any] = {
    "metric": "error_rate", "condition": "above", "amount": 5, "window_minutes": 15, "least": 20,
    "breaches": 1, "windows": 1, "clear_minutes": 10, "severity": "ticket", "baseline": "median",
    "baseline_days": 7, "change_in": "percent", "is_enabled": True,
}  # fmt: skip


_SECTIONS = {
    "What": ("name", "metric", "subject", "scope", "match", "score", "score_bar", "other",
             "other_bar"),
    "When": ("condition", "change_in", "amount", "baseline", "baseline_days", "window_minutes",
             "least", "breaches", "windows", "clear_minutes"),
    "Who": ("severity", "feature", "owner", "channels", "runbook_url", "is_enabled"),
}  # fmt: skip


def _number(label: str, low: int, high: int, **more: Any) -> forms.IntegerField:
    widget = forms.NumberInput(attrs={"class": "field num"})
    return forms.IntegerField(label=label, min_value=low, max_value=high, widget=widget, **more)


def _choice(label: str, choices: Any, **more: Any) -> forms.ChoiceField:
    widget = forms.Select(attrs={"class": "field", **more.pop("attrs", {})})
    return forms.ChoiceField(label=label, choices=choices, widget=widget, **more)


class RuleForm(forms.Form):
    """What is watched, over which traces, and when it is too much."""

    name = forms.CharField(label="Name", max_length=200, widget=forms.TextInput(attrs=_LINE))

    def __init__(self, project: Project, *args: Any, fields_url: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "rule-%s", **kwargs})
        self.project = project
        switching = {"hx-post": fields_url, "hx-target": "#rule-fields", "hx-swap": "outerHTML"}
        switching |= {"hx-include": "#rule-form", "hx-trigger": "change"}
        asked = self.data if self.is_bound else {**DEFAULTS, **self.initial}
        metric = METRICS.get(str(asked.get("metric", "")), METRICS["error_rate"])
        condition = str(asked.get("condition", "above"))
        source = source_named(metric.key)
        self.metric, self.is_change = metric, condition in _CHANGES and source is None
        self.is_silent = condition == "silent" and source is None
        self.is_source = source is not None
        self.fields["metric"] = _choice(
            "Figure", _metrics(), help_text=metric.help, attrs=switching
        )
        if source is not None:
            self.fields["subject"] = _choice(source.noun, source.subjects(project))
        else:
            self.fields["scope"] = forms.CharField(
                label="Scope", required=False, max_length=2000,
                widget=forms.TextInput(attrs={**_QUERY, "placeholder": "feature:refund-agent"}),
                help_text="Which traces, as in the list: feature, env, model, tag, … Empty: all.",
            )  # fmt: skip
        if metric.needs == "query":
            self.fields["match"] = forms.CharField(
                label="Counts those with", max_length=2000, widget=forms.TextInput(attrs=_QUERY),
                help_text="Such as span(kind:guardrail status:error).",
            )  # fmt: skip
        if metric.needs in ("score", "bar", "pair"):
            self._add_score("score", "Score" if metric.needs != "pair" else "Score that passes")
        if metric.needs == "pair":
            self._add_score("other", "Score that misses its bar")
        if source is None:
            self.fields["condition"] = _choice(
                "Condition", AlertRule.Condition.choices, attrs=switching
            )
        if not self.is_silent:
            self._add_amount(switching)
        if source is None:
            self._add_windows()
        self._add_who()

    def _add_score(self, name: str, label: str) -> None:
        defined = definitions_of(self.project.pk).filter(is_archived=False)
        names = sorted({*defined.values_list("name", flat=True), *score_names(self.project.pk)})
        self.fields[name] = _choice(label, [(one, one) for one in names[:500]])
        if self.metric.needs != "score":
            self.fields[f"{name}_bar"] = forms.DecimalField(
                label="Its bar", required=False, max_digits=20, decimal_places=9,
                widget=forms.NumberInput(attrs=_NUMBER),
                help_text="Empty: that of its definition (Settings, Scores).",
            )  # fmt: skip

    def _add_amount(self, switching: Mapping[str, str]) -> None:
        unit = self.metric.unit
        sign = SIGNS[unit]
        if self.is_change:
            choices = [("percent", "%"), ("amount", sign if sign not in ("", "%") else "absolute")]
            self.fields["change_in"] = _choice("Change in", choices, attrs=switching)
            if self._wants_percent:
                sign = "%"
        label = (
            "By more than" if self.is_change else "Fell by at least" if self.is_source else "Bar"
        )
        self.fields["amount"] = forms.DecimalField(
            label=f"{label}{f', {sign}' if sign else ''}", max_digits=20, decimal_places=9,
            widget=forms.NumberInput(attrs=_NUMBER), required=not self.is_source,
        )  # fmt: skip
        if self.is_change:
            self.fields["baseline"] = _choice("Against", AlertRule.Baseline.choices)
            self.fields["baseline_days"] = _number("Days of the median", 3, 14, required=False)

    def _add_windows(self) -> None:
        self.fields["window_minutes"] = _choice("Window", list(LENGTHS.items()))
        least = f"Least number of {self.metric.of}"
        told = "Fewer in the window are silence." if self.is_silent else "Fewer are too few to say."
        self.fields["least"] = _number(least, 0, 1_000_000, help_text=told)
        self.fields["breaches"] = _number("Fires after", 1, 5)
        self.fields["windows"] = _number("of the last … windows", 1, 5)

    def _add_who(self) -> None:
        self.fields["clear_minutes"] = _number("Over once it was fine for, minutes", 0, 1440)
        self.fields["severity"] = _choice("Severity", Severity.choices)
        features = features_of(self.project).values_list("name", flat=True)
        self.fields["feature"] = _choice(
            "Feature", [("", "that of the scope"), *((one, one) for one in features[:500])],
            required=False, help_text="Its owner is told.",
        )  # fmt: skip
        people = [(row.user.email, row.user.display_name) for row in list_members(self.project)]
        self.fields["owner"] = _choice("Owner", [("", "the feature’s"), *people], required=False)
        channels = [(str(one.pk), one.name) for one in list_channels(self.project)]
        if channels:
            self.fields["channels"] = forms.MultipleChoiceField(
                label="Channels", choices=channels, required=False,
                widget=forms.CheckboxSelectMultiple(),
                help_text="None chosen: all that want the severity.",
            )  # fmt: skip
        self.fields["runbook_url"] = forms.CharField(
            label="Runbook", required=False, max_length=500,
            widget=forms.TextInput(attrs={**_LINE, "placeholder": "https://"}),
        )  # fmt: skip
        self.fields["is_enabled"] = forms.BooleanField(label="In force", required=False)

    @property
    def _wants_percent(self) -> bool:
        asked = self.data if self.is_bound else {**DEFAULTS, **self.initial}
        return str(asked.get("change_in", "percent")) == "percent"

    @property
    def sections(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields in the order of the page, below their titles."""
        found: list[tuple[str, list[forms.BoundField]]] = []
        for title, names in _SECTIONS.items():
            found.append((title, [self[name] for name in names if name in self.fields]))
        return found

    def wanted(self) -> dict[str, Any]:
        """Arguments of the services that make and change a rule, of a valid form."""
        given = dict(self.cleaned_data)
        is_percent = given.pop("change_in", "percent") == "percent"
        amount = given.pop("amount", None) or Decimal(0)
        unit = self.metric.unit
        if self.is_change and is_percent:
            unit = "ratio"
        given["amount"] = meant(amount, unit)
        given["is_percent"] = is_percent
        if "window_minutes" in given:
            given["window_minutes"] = int(given["window_minutes"])
        for name, field in (("baseline_days", 7), ("condition", "above")):
            given[name] = given.get(name) or field
        return given


def _metrics() -> list[tuple[str, list[tuple[str, str]]]]:
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for metric in METRICS.values():
        groups[metric.group].append((metric.key, metric.label))
    return list(groups.items())


def initial_of(rule: AlertRule) -> dict[str, Any]:
    """What the form shows of a rule that stands."""
    unit = rule.measured.unit
    if rule.condition in _CHANGES and rule.is_percent:
        unit = "ratio"
    return {
        **{
            name: getattr(rule, name)
            for name in (
                "name", "metric", "scope", "match", "score", "other", "subject", "condition",
                "baseline_days", "window_minutes", "least", "breaches", "windows",
                "clear_minutes", "severity", "feature", "runbook_url", "is_enabled",
                "score_bar", "other_bar",
            )
        },
        "baseline": rule.baseline or DEFAULTS["baseline"],
        "amount": typed(rule.amount, unit),
        "change_in": "percent" if rule.is_percent else "amount",
        "owner": rule.owner.email if rule.owner else "",
        "channels": [str(one.pk) for one in rule.channels.all()] if rule.pk else [],
    }  # fmt: skip
