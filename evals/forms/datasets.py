"""Forms of datasets: a new one, what is said about one, an item as people write it."""

from __future__ import annotations

from typing import Any

import orjson
from django import forms

from accounts.models import Project, User
from accounts.queries import list_members
from evals.models import Dataset, ItemRevision, Split
from evals.models.datasets import SLICES
from evals.values.item_texts import as_text
from evals.values.names import LONGEST_KEY, fault_of_key, fault_of_name

MONO = {"class": "field mono", "spellcheck": "false"}
AS_TEXT, AS_JSON = "text", "json"
KINDS = ((AS_TEXT, "Text"), (AS_JSON, "JSON"))


def read_json(text: str) -> Any:
    """The value of a JSON text. Raises: ValidationError with line and column."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as bad:
        raise forms.ValidationError(f"This is not JSON: {bad}.") from None


class JsonField(forms.CharField):
    """JSON as text; nothing for nothing."""

    def __init__(self, *, rows: int = 3, **more: Any) -> None:
        widget = forms.Textarea(attrs={**MONO, "rows": rows})
        super().__init__(required=False, strip=True, widget=widget, **more)

    def clean(self, value: Any) -> Any:
        """The value. Raises: ValidationError."""
        text = super().clean(value)
        return read_json(text) if text else None


def text_field(**parts: Any) -> forms.CharField:
    """A short text that may be left out."""
    attrs = {"class": "field", "autocomplete": "off", **parts.pop("attrs", {})}
    return forms.CharField(required=False, widget=forms.TextInput(attrs=attrs), **parts)


class DatasetForm(forms.Form):
    """A new dataset."""

    name = forms.CharField(
        max_length=255,
        widget=forms.TextInput(attrs={"class": "field mono", "autocomplete": "off"}),
        help_text="It may have folders, as in support/refunds.",
    )
    description = forms.CharField(
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"class": "field", "rows": 3}),
        help_text="What its cases are for, and where they come from.",
    )

    def clean_name(self) -> str:
        """The name. Raises: ValidationError."""
        name = str(self.cleaned_data["name"])
        if fault := fault_of_name(name):
            raise forms.ValidationError(fault)
        return name


class AboutForm(forms.Form):
    """What is said about a dataset, who owns it, and which JSON its items hold."""

    description = forms.CharField(
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"class": "field", "rows": 3}),
    )
    owner = forms.ChoiceField(required=False, widget=forms.Select(attrs={"class": "field"}))
    input_schema = JsonField(
        rows=6,
        label="Schema of inputs",
        help_text="A JSON Schema; empty lets an input be any JSON.",
    )
    expected_schema = JsonField(rows=6, label="Schema of expected outputs")

    def __init__(self, *given: Any, dataset: Dataset, **more: Any) -> None:
        initial = {
            "description": dataset.description,
            "owner": str(dataset.owner_id or ""),
            "input_schema": as_text(dataset.input_schema),
            "expected_schema": as_text(dataset.expected_schema),
        }
        more.setdefault("initial", initial)
        super().__init__(*given, **more)
        self.members = {str(m.user.pk): m.user for m in list_members(dataset.project)}
        people = [(pk, user.display_name) for pk, user in self.members.items()]
        choices = self.fields["owner"]
        assert isinstance(choices, forms.ChoiceField)  # noqa: S101  (declared above)
        choices.choices = [("", "Nobody"), *people]

    def fields_said(self) -> dict[str, Any]:
        """What the service takes."""
        said = dict(self.cleaned_data)
        owner: User | None = self.members.get(said["owner"])
        return {**said, "owner": owner}


class ItemForm(forms.Form):
    """What an item says."""

    key = text_field(
        max_length=LONGEST_KEY, label="Id", help_text="Left empty, it gets one.",
        attrs={"class": "field mono"},
    )  # fmt: skip
    title = text_field(max_length=200, help_text="Shown in lists; empty: told from the input.")
    input_as = forms.ChoiceField(choices=KINDS, initial=AS_TEXT, widget=forms.RadioSelect)
    input = forms.CharField(
        required=False, strip=False, widget=forms.Textarea(attrs={**MONO, "rows": 8})
    )
    expected_as = forms.ChoiceField(choices=KINDS, initial=AS_TEXT, widget=forms.RadioSelect)
    expected = forms.CharField(
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={**MONO, "rows": 6}),
        label="Expected output",
        help_text="Empty: no expected output is known.",
    )
    characteristics = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"class": "field", "rows": 3}),
        label="A good answer",
        help_text="What it satisfies, a sentence a line: judges read it.",
    )
    slice = text_field(max_length=100, attrs={"list": "slices"}, help_text="Part of the cases.")
    split = forms.ChoiceField(choices=Split.choices, widget=forms.Select(attrs={"class": "field"}))
    cluster = text_field(
        max_length=200, help_text="Cases that are not independent share one, as of one document."
    )
    metadata = JsonField()
    is_archived = forms.BooleanField(required=False, label="Archived: kept, but no run takes it")
    message = text_field(max_length=500, label="What changes, and why")

    def __init__(self, *given: Any, is_new: bool = False, **more: Any) -> None:
        super().__init__(*given, **more)
        if not is_new:
            del self.fields["key"]

    def clean_key(self) -> str:
        """The id. Raises: ValidationError."""
        key = str(self.cleaned_data["key"])
        if key and (fault := fault_of_key(key)):
            raise forms.ValidationError(fault)
        return key

    def clean(self) -> dict[str, Any]:
        """The values, with input and expected as they were said to be."""
        said = super().clean() or self.cleaned_data
        for name in ("input", "expected"):
            text = said.get(name, "").replace("\r\n", "\n")
            if not text.strip():
                said[name] = None
                if name == "input":
                    self.add_error(name, "An item has an input.")
            elif said.get(f"{name}_as") == AS_JSON:
                try:
                    said[name] = read_json(text)
                except forms.ValidationError as bad:
                    self.add_error(name, bad)
            else:
                said[name] = text
        return said

    def item_fields(self) -> dict[str, Any]:
        """What the service takes."""
        said = self.cleaned_data
        lines = said["characteristics"].splitlines()
        names = ("title", "input", "expected", "slice", "split", "cluster", "metadata")
        return {
            **{name: said[name] for name in names},
            "characteristics": [line.strip() for line in lines if line.strip()],
            "is_archived": said["is_archived"],
        }


def item_initial(revision: ItemRevision) -> dict[str, Any]:
    """A stored item as the form shows it."""
    said = {
        name: getattr(revision, name)
        for name in ("title", "slice", "split", "cluster", "is_archived")
    }
    return {
        **said,
        **value_initial("input", revision.input),
        **value_initial("expected", revision.expected),
        "characteristics": "\n".join(revision.characteristics),
        "metadata": as_text(revision.metadata),
    }


def value_initial(name: str, value: Any) -> dict[str, Any]:
    """A value and the way in which it is edited."""
    is_json = value is not None and not isinstance(value, str)
    return {name: as_text(value), f"{name}_as": AS_JSON if is_json else AS_TEXT}


def slices_to_choose(project: Project) -> list[str]:
    """Names of slices that the project uses, and those that are suggested."""
    used = ItemRevision.objects.filter(dataset__project=project, until=None).exclude(slice="")
    names = used.order_by("slice").values_list("slice", flat=True).distinct()[:100]
    return list(dict.fromkeys([*SLICES, *names]))
