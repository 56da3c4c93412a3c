"""What a schedule is to run, and when, as a person says it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import available_timezones

from django import forms

from evals.forms.experiments import NUMBER, SELECT
from evals.models import Dataset, EvaluatorVersion
from evals.pages.drift_words import DAYS
from evals.services.schedules import (
    MOST_ANSWERS,
    MOST_JITTER,
    MOST_LATE_MINUTES,
    MOST_RETRIES,
    NewSchedule,
)
from gateway.queries import Offer
from kit.figures import NANO
from prompts.models import Label, Prompt, PromptVersion

WEEKDAYS = list(enumerate(DAYS))


def _zones() -> list[tuple[str, str]]:
    return [(name, name) for name in sorted(available_timezones())]


class TimeForm(forms.Form):
    """When it runs."""

    at = forms.TimeField(
        label="Time of day", initial="03:00", input_formats=["%H:%M"],
        widget=forms.TimeInput(attrs=NUMBER | {"type": "time"}, format="%H:%M"),
    )  # fmt: skip
    zone = forms.ChoiceField(
        label="Time zone", choices=_zones, initial="UTC", widget=forms.Select(attrs=SELECT)
    )
    weekdays = forms.TypedMultipleChoiceField(
        label="Days", coerce=int, choices=WEEKDAYS, initial=[day for day, _ in WEEKDAYS],
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    def when(self) -> dict[str, Any]:
        """What the service takes."""
        said = self.cleaned_data
        return {
            "hour": said["at"].hour,
            "minute": said["at"].minute,
            "zone": said["zone"],
            "weekdays": said["weekdays"],
        }


class BudgetForm(forms.Form):
    """What it may spend in a month."""

    month_cap = forms.DecimalField(
        label="Budget of a month, $", required=False, min_value=Decimal("0.000000001"),
        max_value=Decimal(1_000_000), decimal_places=9,
        help_text="A run that would go beyond it is missed, and you are told.",
        widget=forms.NumberInput(attrs=NUMBER | {"placeholder": "none", "step": "any"}),
    )  # fmt: skip

    def nano(self) -> int | None:
        """Nano-dollars; None is no limit."""
        said = self.cleaned_data["month_cap"]
        return None if said is None else int(said * NANO)


class ScheduleForm(TimeForm, BudgetForm):
    """The whole of it. Choices come from the project; what depends on them is given too."""

    name = forms.CharField(
        label="Name", max_length=200,
        widget=forms.TextInput(attrs=SELECT | {"placeholder": "refunds every night"}),
    )  # fmt: skip
    dataset = forms.ChoiceField(label="Dataset", widget=forms.Select(attrs=SELECT))
    dataset_version = forms.TypedChoiceField(
        label="Version", coerce=int, help_text="It is frozen: the same items every day.",
        widget=forms.Select(attrs=SELECT),
    )  # fmt: skip
    prompt = forms.ChoiceField(label="Prompt", widget=forms.Select(attrs=SELECT))
    follows = forms.ChoiceField(
        label="Version or label", widget=forms.Select(attrs=SELECT),
        help_text="A label shows the team’s own changes, a pinned version the provider’s alone.",
    )  # fmt: skip
    target = forms.ChoiceField(label="Model", required=False, widget=forms.Select(attrs=SELECT))
    evaluator = forms.TypedChoiceField(
        label="Watched score", coerce=int, widget=forms.Select(attrs=SELECT),
        help_text="Its mean over the items is the series that alarms watch.",
    )  # fmt: skip
    jitter_minutes = forms.IntegerField(
        label="Spread the start, min", min_value=0, max_value=MOST_JITTER, initial=10,
        widget=forms.NumberInput(attrs=NUMBER),
    )  # fmt: skip
    late_minutes = forms.IntegerField(
        label="Missed after, min", min_value=5, max_value=MOST_LATE_MINUTES, initial=360,
        help_text="A run that could not begin so long after its time is said to be missed.",
        widget=forms.NumberInput(attrs=NUMBER),
    )  # fmt: skip
    cost_cap = forms.DecimalField(
        label="Cost cap of a run, $", required=False, min_value=Decimal(0),
        max_value=Decimal(1_000_000), decimal_places=4,
        widget=forms.NumberInput(attrs=NUMBER | {"placeholder": "none", "step": "any"}),
    )  # fmt: skip
    retries = forms.IntegerField(
        label="Tries again", required=False, min_value=0, max_value=MOST_RETRIES, initial=2,
        help_text="Of a run that came to nothing, while it is not too late.",
        widget=forms.NumberInput(attrs=NUMBER),
    )  # fmt: skip
    judge_answers = forms.IntegerField(
        label="Stored answers marked again", required=False, min_value=0,
        max_value=MOST_ANSWERS, initial=40,
        help_text="Of a judge, in each run, to see whether it changed: 30 to 50, or 0 for none.",
        widget=forms.NumberInput(attrs=NUMBER),
    )  # fmt: skip
    is_canary = forms.BooleanField(
        label="Canary: speaks for its model in alarms of other schedules", required=False
    )

    def __init__(
        self,
        *args: Any,
        datasets: Sequence[Dataset],
        prompts: Sequence[Prompt],
        versions: Sequence[PromptVersion],
        labels: Sequence[Label],
        dataset: Dataset | None,
        offers: Sequence[Offer],
        evaluators: Sequence[EvaluatorVersion],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.datasets = {one.name: one for one in datasets}
        self.prompts = {one.name: one for one in prompts}
        self.versions = {f"v{one.number}": one for one in versions}
        self.offers = {f"{one.provider.name}:{one.model}": one for one in offers}
        self.known = {one.pk: one for one in evaluators}
        self._choose("dataset", [(name, name) for name in self.datasets])
        last = dataset.last_number if dataset else 0
        numbers = range(last, max(last - 50, 0), -1)
        self._choose("dataset_version", [(number, f"v{number}") for number in numbers])
        self._choose("prompt", [(name, name) for name in self.prompts])
        followed = [
            (f"label:{one.name}", f"{one.name}, now v{one.version.number}") for one in labels
        ]
        pinned = [(name, f"{name}, pinned") for name in self.versions]
        self._choose("follows", [*followed, *pinned])
        models = [(key, f"{one.model} at {one.provider.name}") for key, one in self.offers.items()]
        self._choose("target", [("", "The version’s own"), *models])
        named = [(one.pk, f"{one.evaluator.name} v{one.number}") for one in evaluators]
        self._choose("evaluator", named)

    def _choose(self, name: str, choices: Sequence[tuple[Any, str]]) -> None:
        self.fields[name].choices = list(choices)  # type: ignore[attr-defined]

    def wanted(self) -> NewSchedule:
        """The schedule that the valid form says."""
        said = self.cleaned_data
        offer = self.offers.get(said["target"])
        cap = said["cost_cap"]
        return NewSchedule(
            name=said["name"],
            dataset=self.datasets[said["dataset"]],
            dataset_version=said["dataset_version"],
            prompt=self.prompts[said["prompt"]],
            version=self.versions.get(said["follows"]),
            label=said["follows"].removeprefix("label:") if ":" in said["follows"] else "",
            evaluators=[self.known[said["evaluator"]]],
            provider=offer.provider.name if offer else "",
            model=offer.model if offer else "",
            cost_cap_nano=None if cap is None else int(cap * NANO),
            month_cap_nano=self.nano(),
            retries=2 if said["retries"] is None else said["retries"],
            judge_answers=40 if said["judge_answers"] is None else said["judge_answers"],
            jitter_minutes=said["jitter_minutes"],
            late_minutes=said["late_minutes"],
            is_canary=said["is_canary"],
            **self.when(),
        )
