"""Forms in which traces become items of a dataset."""

from __future__ import annotations

from typing import Any

from django import forms

from evals.forms.datasets import AS_JSON, KINDS, MONO, read_json, text_field
from evals.models import Split
from evals.queries.trace_cases import Mapping
from evals.values.names import fault_of_name


class TraceForm(forms.Form):
    """A trace made an item: where it goes, and what it says."""

    dataset = forms.ChoiceField(required=False, widget=forms.Select(attrs={"class": "field"}))
    new_dataset = text_field(
        max_length=255, label="Or a new dataset", attrs={"class": "field mono"}
    )
    input_as = forms.ChoiceField(choices=KINDS, widget=forms.HiddenInput)
    input = forms.CharField(strip=False, widget=forms.Textarea(attrs={**MONO, "rows": 7}))
    expected_as = forms.ChoiceField(choices=KINDS, widget=forms.HiddenInput)
    expected = forms.CharField(
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={**MONO, "rows": 6}),
        label="Expected output",
        help_text="As it was answered: write what it should have been. Empty: none is known.",
    )
    characteristics = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"class": "field", "rows": 2}),
        label="A good answer",
        help_text="What it satisfies, a sentence a line.",
    )
    slice = text_field(max_length=100, attrs={"list": "slices"})
    split = forms.ChoiceField(choices=Split.choices, widget=forms.Select(attrs={"class": "field"}))

    def __init__(self, *given: Any, names: list[str], **more: Any) -> None:
        super().__init__(*given, **more)
        field = self.fields["dataset"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (declared above)
        field.choices = [(name, name) for name in names]
        if not names:
            del self.fields["dataset"]
            self.fields["new_dataset"].label = "New dataset"

    def clean_new_dataset(self) -> str:
        """The name. Raises: ValidationError."""
        name = str(self.cleaned_data["new_dataset"])
        if name and (fault := fault_of_name(name)):
            raise forms.ValidationError(fault)
        return name

    def clean(self) -> dict[str, Any]:
        """The values; input and expected are of the kind that they had."""
        said = super().clean() or self.cleaned_data
        if not said.get("dataset") and not said.get("new_dataset"):
            self.add_error("new_dataset", "Say which dataset.")
        for name in ("input", "expected"):
            text = said.get(name, "").replace("\r\n", "\n")
            said[name] = text or None
            if text and said.get(f"{name}_as") == AS_JSON:
                try:
                    said[name] = read_json(text)
                except forms.ValidationError as bad:
                    self.add_error(name, bad)
        return said

    def item_fields(self) -> dict[str, Any]:
        """What the service takes."""
        said = self.cleaned_data
        lines = said["characteristics"].splitlines()
        return {
            **{name: said[name] for name in ("input", "expected", "slice", "split")},
            "characteristics": [line.strip() for line in lines if line.strip()],
        }


class BulkFields(forms.Form):
    """What many traces become: asked in the bulk bar of their list."""

    dataset = forms.ChoiceField(widget=forms.Select(attrs={"class": "field"}))
    mapping = forms.ChoiceField(
        choices=Mapping.choices, label="Input", widget=forms.Select(attrs={"class": "field"})
    )
    with_output = forms.BooleanField(
        required=False, label="Take the answers as expected outputs",
        widget=forms.CheckboxInput(attrs={"value": "1"}),
    )  # fmt: skip
    slice = text_field(max_length=100, attrs={"list": "bulk-slices"})
    split = forms.ChoiceField(choices=Split.choices, widget=forms.Select(attrs={"class": "field"}))

    def __init__(self, *, names: list[str], first: str) -> None:
        super().__init__(auto_id="bulk-item-%s", initial={"dataset": first})
        field = self.fields["dataset"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (declared above)
        field.choices = [(name, name) for name in names]
