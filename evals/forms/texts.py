"""The form of a text watch, and what is done with a drift."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from evals.models import Dataset, TextWatch
from evals.services.text_watches import WantedWatch
from gateway.queries import Offer

SELECT = {"class": "field"}


class WatchForm(forms.Form):
    """Which feature's texts, and how they are compared."""

    feature = forms.CharField(
        max_length=200, widget=forms.TextInput(attrs={"class": "field", "list": "features"}),
        help_text="Its live traces: 500 texts of a day beside 1,000 from before.",
    )  # fmt: skip
    inputs = forms.BooleanField(label="Inputs", required=False, initial=True)
    outputs = forms.BooleanField(label="Outputs", required=False, initial=True)
    method = forms.ChoiceField(
        label="Compared by", choices=TextWatch.Method.choices, widget=forms.Select(attrs=SELECT),
        help_text="Pieces cost nothing and see words; vectors see meanings.",
    )  # fmt: skip
    target = forms.CharField(
        label="Embedding model", required=False, max_length=300,
        widget=forms.TextInput(attrs={"class": "field", "list": "models"}),
        help_text="provider/model, of a provider's embeddings only. What it costs is seen as "
        "spend of the platform; texts are redacted as they are stored.",
    )  # fmt: skip
    runs_gates = forms.BooleanField(
        label="Run the feature's gates at once when a drift is found", required=False
    )
    is_enabled = forms.BooleanField(label="On", required=False, initial=True)

    def wanted(self) -> WantedWatch:
        """What the valid form says."""
        given = self.cleaned_data
        is_remote = given["method"] == TextWatch.Method.PROVIDER
        provider, _, model = given["target"].strip().partition("/")
        if not model:
            provider, model = "", provider
        return WantedWatch(
            given["feature"].strip(), given["inputs"], given["outputs"], given["method"],
            provider if is_remote else "", model if is_remote else "", given["runs_gates"],
            given["is_enabled"],
        )  # fmt: skip


def initial_of_watch(watch: TextWatch) -> dict[str, Any]:
    """What the form shows of a watch that stands."""
    return {
        "feature": watch.feature, "inputs": watch.inputs, "outputs": watch.outputs,
        "method": watch.method, "runs_gates": watch.runs_gates, "is_enabled": watch.is_enabled,
        "target": "/".join(filter(None, (watch.provider, watch.model))),
    }  # fmt: skip


def targets_of(offers: Sequence[Offer]) -> list[str]:
    """What is proposed as an embedding model: those that are named so, else every one."""
    named = [f"{one.provider.name}/{one.model}" for one in offers if "embed" in one.model.lower()]
    return (named or [f"{one.provider.name}/{one.model}" for one in offers])[:50]


class ProposeForm(forms.Form):
    """Which examples become drafts, of which dataset."""

    dataset = forms.ChoiceField(widget=forms.Select(attrs=SELECT))
    traces = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)

    def __init__(
        self, datasets: Sequence[Dataset], trace_ids: Sequence[str], *args: Any, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self.datasets = {one.name: one for one in datasets}
        for name, words in (("dataset", list(self.datasets)), ("traces", list(trace_ids))):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101
            field.choices = [(one, one) for one in words]
