"""A gate as a person proposes it, and the note of who decides about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, cast

from django import forms

from evals.deciding.inputs import MARGIN, Direction, Role
from evals.deciding.measures import MEASURES
from evals.deciding.settings import MOST_REPEATS, Chosen, GuardSetting, Settings
from evals.models import Dataset, EvaluatorVersion
from kit.figures import NANO

SELECT = {"class": "field"}
NUMBER = {"class": "field num", "step": "any"}
ROLES = [
    ("", "takes no part"),
    ("primary", "decides"),
    ("guard", "guards"),
    ("advisory", "informs"),
]
FEW_ITEMS = 30  # below, intervals are rough: what a new gate asks for unless it is told otherwise
PERCENT = 100  # guards' margins are typed as percent, or points
LIMITS = {"cost": ("$", 1e9), "p95_latency": ("s", 1e3), "p95_first_token": ("s", 1e3)}


class GateForm(forms.Form):
    """The whole gate. Choices come from the project; evaluators and guards have a row each."""

    prompt = forms.ChoiceField(label="Prompt", widget=forms.Select(attrs=SELECT))
    environment = forms.ChoiceField(label="Environment", widget=forms.Select(attrs=SELECT))
    dataset = forms.ChoiceField(label="Dataset", widget=forms.Select(attrs=SELECT))
    dataset_version = forms.IntegerField(
        label="Version", min_value=1, required=False, help_text="Empty: the newest.",
        widget=forms.NumberInput(attrs={"class": "field num"}),
    )  # fmt: skip
    with_held_out = forms.BooleanField(label="Ask held-out items too", required=False)
    slices = forms.CharField(
        label="Slices that must hold by themselves", required=False, max_length=2000,
        help_text="Names, with commas between.", widget=forms.TextInput(attrs=SELECT),
    )  # fmt: skip
    smallest_sample = forms.IntegerField(
        label="Smallest sample", min_value=0, max_value=1_000_000, required=False,
        help_text="Fewer items decide nothing.", widget=forms.NumberInput(attrs=NUMBER),
    )  # fmt: skip
    repeats = forms.IntegerField(
        label="Repeats", min_value=1, max_value=MOST_REPEATS,
        help_text="Answers to each item.", widget=forms.NumberInput(attrs=NUMBER),
    )  # fmt: skip
    margin = forms.FloatField(
        label="Margin", min_value=0, max_value=1e9,
        help_text="How much worse than what serves is still as good, in the score's unit.",
        widget=forms.NumberInput(attrs=NUMBER),
    )  # fmt: skip
    bar = forms.FloatField(
        label="Bar", required=False,
        help_text="What the mean must reach, with 95 % confidence. Needed where nothing serves.",
        widget=forms.NumberInput(attrs=NUMBER | {"placeholder": "none"}),
    )  # fmt: skip
    feature = forms.ChoiceField(
        label="Feature", required=False, help_text="Its approved target binds the gate.",
        widget=forms.Select(attrs=SELECT),
    )  # fmt: skip
    target = forms.ChoiceField(label="Model", required=False, widget=forms.Select(attrs=SELECT))
    cost_cap = forms.DecimalField(
        label="Cost cap of a run, $", required=False, min_value=Decimal(0),
        max_value=Decimal(1_000_000), decimal_places=4,
        widget=forms.NumberInput(attrs=NUMBER | {"placeholder": "none"}),
    )  # fmt: skip
    is_enabled = forms.BooleanField(label="The gate is on", required=False)
    reason = forms.CharField(
        label="Why", required=False, max_length=5000,
        help_text="For whoever approves it, and for the record.",
        widget=forms.Textarea(attrs=SELECT | {"rows": "2"}),
    )  # fmt: skip

    def __init__(
        self,
        *args: Any,
        prompts: Sequence[str],
        environments: Sequence[str],
        datasets: Sequence[Dataset],
        evaluators: Sequence[EvaluatorVersion],
        features: Sequence[str],
        targets: Sequence[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.known = {one.pk: one for one in evaluators}
        self.datasets = {one.name: one for one in datasets}
        self._choose("prompt", [(name, name) for name in prompts])
        self._choose("environment", [(name, name) for name in environments])
        self._choose("dataset", [(name, name) for name in self.datasets])
        self._choose("feature", [("", "none"), *((name, name) for name in features)])
        self._choose("target", [("", "The version’s own"), *targets])
        for pk, version in self.known.items():
            name = str(version.evaluator.name)
            self.fields[f"role_{pk}"] = forms.ChoiceField(
                label=f"{name}: part", required=False, choices=ROLES,
                widget=forms.Select(attrs=SELECT | {"aria-label": f"Part of {name}"}),
            )  # fmt: skip
            for part, words in (("margin", "margin as a guard"), ("bar", "bar as a guard")):
                self.fields[f"{part}_{pk}"] = forms.FloatField(
                    label=f"{name}: {words}", required=False,
                    widget=forms.NumberInput(attrs=NUMBER | {"aria-label": f"{name}: {words}"}),
                )  # fmt: skip
        for key, known in MEASURES.items():
            self.fields[f"guard_{key}"] = forms.BooleanField(label=known.name, required=False)
            self.fields[f"allowed_{key}"] = forms.FloatField(
                label=f"{known.name}: allowed on top", required=False, min_value=0,
                widget=forms.NumberInput(attrs=NUMBER | {"aria-label": f"{known.name}: allowed"}),
            )  # fmt: skip
            self.fields[f"limit_{key}"] = forms.FloatField(
                label=f"{known.name}: limit", required=False, min_value=0,
                widget=forms.NumberInput(
                    attrs=NUMBER | {"aria-label": f"{known.name}: limit", "placeholder": "none"}
                ),
            )  # fmt: skip

    def _choose(self, name: str, choices: Sequence[tuple[str, str]]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = list(choices)

    @property
    def evaluator_rows(self) -> list[dict[str, Any]]:
        """A row for each evaluator of the project."""
        return [
            {"version": one, "role": self[f"role_{pk}"], "margin": self[f"margin_{pk}"],
             "bar": self[f"bar_{pk}"]}
            for pk, one in self.known.items()
        ]  # fmt: skip

    @property
    def guard_rows(self) -> list[dict[str, Any]]:
        """A row for each measure that can guard."""
        return [
            {"known": known, "on": self[f"guard_{key}"], "allowed": self[f"allowed_{key}"],
             "limit": self[f"limit_{key}"], "unit": LIMITS.get(key, ("%", 0))[0]}
            for key, known in MEASURES.items()
        ]  # fmt: skip

    def settings(self) -> Settings:
        """What the valid form says; whether a gate can be so says the service."""
        said = self.cleaned_data
        provider, _, model = said["target"].partition(":")
        cap = said["cost_cap"]
        dataset = self.datasets[said["dataset"]]
        return Settings(
            dataset=dataset.name,
            dataset_version=said["dataset_version"] or dataset.last_number,
            evaluators=tuple(self._evaluators()),
            guards=tuple(self._guards()),
            feature=said["feature"],
            margin=said["margin"],
            bar=said["bar"],
            repeats=said["repeats"],
            smallest_sample=said["smallest_sample"] or 0,
            slices=tuple(
                dict.fromkeys(one.strip() for one in said["slices"].split(",") if one.strip())
            ),
            with_held_out=said["with_held_out"],
            provider=provider,
            model=model,
            cost_cap_nano=None if cap is None else int(cap * NANO),
            is_enabled=said["is_enabled"],
        )

    def _evaluators(self) -> list[Chosen]:
        said = self.cleaned_data
        found = []
        for pk, version in self.known.items():
            role = said.get(f"role_{pk}")
            if not role:
                continue
            is_guard = role == "guard"
            found.append(
                Chosen(
                    name=version.evaluator.name,
                    version=version.number,
                    role=cast(Role, role),
                    margin=said.get(f"margin_{pk}") if is_guard else None,
                    bar=said.get(f"bar_{pk}") if is_guard else None,
                    direction=cast(Direction, str(version.bar_direction)),
                )
            )
        return found

    def _guards(self) -> list[GuardSetting]:
        said = self.cleaned_data
        found = []
        for key, known in MEASURES.items():
            if not said.get(f"guard_{key}"):
                continue
            allowed, limit = said.get(f"allowed_{key}"), said.get(f"limit_{key}")
            scale = LIMITS.get(key, ("", 0.01))[1]
            found.append(
                GuardSetting(
                    key,
                    known.margin if allowed is None else round(allowed / PERCENT, 6),
                    known.kind,
                    None if limit is None else limit * scale,
                )
            )
        return found


def begun(settings: Settings | None, evaluators: Sequence[EvaluatorVersion]) -> dict[str, Any]:
    """What the form begins with: a gate's settings, or all that has a default."""
    if settings is None:
        guards = tuple(
            GuardSetting(key, one.margin, one.kind) for key, one in MEASURES.items()
            if key != "p95_first_token"
        )  # fmt: skip
        blank = Settings("", 0, (), guards)
        settings = replace(blank, margin=MARGIN, smallest_sample=FEW_ITEMS)
        first = {"role_" + str(one.pk): "primary" for one in evaluators[:1]}
    else:
        first = {}
    cap = settings.cost_cap_nano
    said: dict[str, Any] = first | {
        "dataset": settings.dataset, "dataset_version": settings.dataset_version or "",
        "with_held_out": settings.with_held_out, "slices": ", ".join(settings.slices),
        "smallest_sample": settings.smallest_sample, "repeats": settings.repeats,
        "margin": settings.margin, "bar": "" if settings.bar is None else settings.bar,
        "feature": settings.feature, "is_enabled": settings.is_enabled,
        "target": f"{settings.provider}:{settings.model}" if settings.model else "",
        "cost_cap": "" if cap is None else f"{Decimal(cap) / NANO:f}",
    }  # fmt: skip
    by_name = {one.evaluator.name: one.pk for one in evaluators}
    for chosen in settings.evaluators:
        pk = by_name.get(chosen.name)
        if pk is not None:
            said[f"role_{pk}"] = chosen.role
            said[f"margin_{pk}"] = "" if chosen.margin is None else chosen.margin
            said[f"bar_{pk}"] = "" if chosen.bar is None else chosen.bar
    on = {one.metric: one for one in settings.guards}
    for key, known in MEASURES.items():
        guard = on.get(key)
        scale = LIMITS.get(key, ("", 0.01))[1]
        said[f"guard_{key}"] = guard is not None
        said[f"allowed_{key}"] = f"{(guard.margin if guard else known.margin) * PERCENT:g}"
        limit = guard.limit if guard else None
        said[f"limit_{key}"] = "" if limit is None else f"{limit / scale:g}"
    return said


class NoteForm(forms.Form):
    """What is said with a decision."""

    note = forms.CharField(
        label="Note", required=False, max_length=5000,
        widget=forms.Textarea(attrs=SELECT | {"rows": "2"}),
    )  # fmt: skip


class AskForm(forms.Form):
    """What the gate is asked on its page."""

    version = forms.IntegerField(label="Version", min_value=1, max_value=2**31 - 1, required=False)
    model = forms.CharField(label="Model", required=False, max_length=200)
    fresh = forms.BooleanField(label="Ask anew", required=False)
