"""What an experiment is to be, as a person says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from json import JSONDecodeError, loads
from typing import Any

from django import forms

from evals.models import Dataset, EvaluatorVersion, Experiment, Split
from evals.queries.planning import MOST_CONCURRENCY, MOST_REPEATS, MOST_RESULTS, is_pairwise
from evals.values.plans import Plan
from gateway.queries import Offer
from kit.figures import NANO
from prompts.models import Prompt, PromptVersion

SELECT = {"class": "field"}
NUMBER = {"class": "field num"}
NO_SLICE = "\u2013"  # stands for the items without a slice


class ExperimentForm(forms.Form):
    """The whole plan of a run. Choices come from the project; what depends on them is given too."""

    dataset = forms.ChoiceField(label="Dataset", widget=forms.Select(attrs=SELECT))
    dataset_version = forms.TypedChoiceField(
        label="Version", coerce=int, empty_value=None, required=False,
        widget=forms.Select(attrs=SELECT),
    )  # fmt: skip
    prompt = forms.ChoiceField(label="Prompt", widget=forms.Select(attrs=SELECT))
    version = forms.TypedChoiceField(label="Version", coerce=int, widget=forms.Select(attrs=SELECT))
    target = forms.ChoiceField(label="Model", required=False, widget=forms.Select(attrs=SELECT))
    parameters = forms.CharField(
        label="Parameters", required=False, max_length=20_000,
        help_text='JSON that stands over the version’s own, such as {"temperature": 0}.',
        widget=forms.Textarea(attrs={"class": "field mono", "rows": "2", "spellcheck": "false"}),
    )  # fmt: skip
    evaluators = forms.TypedMultipleChoiceField(
        label="Evaluators", coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    decides = forms.TypedChoiceField(
        label="Decides", coerce=int, empty_value=None, required=False,
        widget=forms.Select(attrs=SELECT),
    )  # fmt: skip
    baseline = forms.TypedChoiceField(
        label="Pairwise judges compare with", coerce=int, empty_value=None, required=False,
        help_text="Each answer with that run’s answer to the same item, in both orders.",
        widget=forms.Select(attrs=SELECT),
    )  # fmt: skip
    splits = forms.MultipleChoiceField(
        label="Items", choices=Split.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    slices = forms.MultipleChoiceField(
        label="Slices", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="None ticked: all of them.",
    )  # fmt: skip
    most_items = forms.IntegerField(
        label="At most", required=False, min_value=1, max_value=MOST_RESULTS,
        help_text="So many items, drawn in a fixed order: the same ones in every run.",
        widget=forms.NumberInput(attrs=NUMBER | {"placeholder": "all"}),
    )  # fmt: skip
    repeats = forms.IntegerField(
        label="Repeats", min_value=1, max_value=MOST_REPEATS, initial=1,
        help_text="Answers to each item. Three or more show which items flip.",
        widget=forms.NumberInput(attrs=NUMBER),
    )  # fmt: skip
    concurrency = forms.IntegerField(
        label="At once", min_value=1, max_value=MOST_CONCURRENCY, initial=8,
        widget=forms.NumberInput(attrs=NUMBER),
    )  # fmt: skip
    rate_per_minute = forms.IntegerField(
        label="Calls a minute", required=False, min_value=1, max_value=1_000_000,
        widget=forms.NumberInput(attrs=NUMBER | {"placeholder": "unlimited"}),
    )  # fmt: skip
    cost_cap = forms.DecimalField(
        label="Cost cap, $", required=False, min_value=Decimal(0), max_value=Decimal(1_000_000),
        decimal_places=4,
        help_text="The call that would cross it is not made.",
        widget=forms.NumberInput(attrs=NUMBER | {"placeholder": "none", "step": "any"}),
    )  # fmt: skip
    allows_unpriced = forms.BooleanField(label="Also calls without a price", required=False)
    name = forms.CharField(
        label="Name", required=False, max_length=255,
        widget=forms.TextInput(attrs=SELECT | {"placeholder": "What is tried"}),
    )  # fmt: skip

    def __init__(
        self,
        *args: Any,
        datasets: Sequence[Dataset],
        prompts: Sequence[Prompt],
        versions: Sequence[PromptVersion],
        chosen: Dataset | None,
        offers: Sequence[Offer],
        evaluators: Sequence[EvaluatorVersion],
        slices: Mapping[str, int],
        baselines: Sequence[Experiment] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.datasets = {one.name: one for one in datasets}
        self.versions = {one.number: one for one in versions}
        self.offers = {f"{one.provider.name}:{one.model}": one for one in offers}
        self.known = {one.pk: one for one in evaluators}
        self.baselines = {one.number: one for one in baselines}
        runs = [(one.number, f"#{one.number} {one.name}"[:120]) for one in baselines]
        self._choose("baseline", [("", "What is expected"), *runs])
        self._choose("dataset", [(one.name, one.name) for one in datasets])
        numbers = range(chosen.last_number, max(chosen.last_number - 50, 0), -1) if chosen else ()
        self._choose("dataset_version", [(number, f"v{number}") for number in numbers])
        self._choose("prompt", [(one.name, one.name) for one in prompts])
        self._choose("version", [(one.number, _version_words(one)) for one in versions])
        models = [(key, f"{one.model} at {one.provider.name}") for key, one in self.offers.items()]
        self._choose("target", [("", "The version’s own"), *models])
        named = [(one.pk, f"{one.evaluator.name} v{one.number}") for one in evaluators]
        self._choose("evaluators", named)
        self._choose("decides", [("", "The first of them"), *named])
        self._choose("slices", [(name or NO_SLICE, name or "no slice") for name in slices])

    def _choose(self, name: str, choices: Sequence[tuple[Any, str]]) -> None:
        self.fields[name].choices = list(choices)  # type: ignore[attr-defined]

    def clean_parameters(self) -> dict[str, Any]:
        """The parameters as JSON; nothing is {}."""
        text = self.cleaned_data["parameters"].strip()
        if not text:
            return {}
        try:
            said = loads(text)
        except (JSONDecodeError, RecursionError) as fault:
            raise forms.ValidationError(f"This is no JSON: {fault}.") from None
        if not isinstance(said, dict):
            raise forms.ValidationError('Parameters are a JSON object, such as {"temperature": 0}.')
        return said

    def plan(self) -> Plan:
        """The plan that the valid form says."""
        said = self.cleaned_data
        offer = self.offers.get(said["target"])
        cap = said["cost_cap"]
        return Plan(
            dataset=self.datasets[said["dataset"]],
            dataset_version=said["dataset_version"],
            prompt_version=self.versions[said["version"]],
            evaluators=self.scorers(),
            name=said["name"],
            provider=offer.provider.name if offer else "",
            model=offer.model if offer else "",
            parameters=said["parameters"],
            splits=tuple(said["splits"]),
            slices=tuple("" if one == NO_SLICE else one for one in said["slices"]),
            most_items=said["most_items"],
            repeats=said["repeats"],
            concurrency=said["concurrency"],
            rate_per_minute=said["rate_per_minute"],
            cost_cap_nano=None if cap is None else int(cap * NANO),
            allows_unpriced=said["allows_unpriced"],
            baseline=self._baseline(),
        )

    def _baseline(self) -> Experiment | None:
        """Where nothing that is ticked compares, there is none."""
        number: int | None = self.cleaned_data.get("baseline")
        if number is None or not any(map(is_pairwise, self.scorers())):
            return None
        return self.baselines.get(number)

    @property
    def has_pairs(self) -> bool:
        """True where a pairwise judge may be ticked."""
        return any(map(is_pairwise, self.known.values()))

    def scorers(self) -> list[EvaluatorVersion]:
        """The evaluators that were ticked, that which decides first."""
        ticked = [self.known[pk] for pk in self.cleaned_data.get("evaluators", ())]
        first = self.cleaned_data.get("decides")
        return sorted(ticked, key=lambda one: one.pk != first)


def _version_words(version: PromptVersion) -> str:
    words = " ".join(version.message.split())
    return f"v{version.number} · {words[:60]}" if words else f"v{version.number}"
