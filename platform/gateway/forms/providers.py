"""What people type to connect a provider: only the fields that its kind has."""

from __future__ import annotations

from typing import Any

from django import forms

from gateway.client.connection import ANTHROPIC_URL, OPENAI_URL
from gateway.client.simulated import MODELS
from gateway.models import LONGEST_NAME, Kind, Provider
from gateway.terms import LONGEST_KEY, LONGEST_TRACED_AS, BadTerms, Terms

_TEXT = {"class": "field", "autocomplete": "off"}
_CODE = {**_TEXT, "spellcheck": "false"}
_ADDRESSES = {
    Kind.OPENAI: f"Empty: {OPENAI_URL}. Plain http only in your own network.",
    Kind.ANTHROPIC: f"Empty: {ANTHROPIC_URL}.",
    Kind.AZURE: "The endpoint of your resource, such as https://name.openai.azure.com.",
}
_ABSENT = {
    Kind.OPENAI: ("api_version",),
    Kind.ANTHROPIC: ("api_version",),
    Kind.AZURE: ("asks_models",),
    Kind.SIMULATED: ("base_url", "api_version", "traced_as", "asks_models", "key"),
}


class ProviderForm(forms.Form):
    """A connection of one kind; of a stored one an empty key leaves the key as it is."""

    name = forms.CharField(
        label="Name", max_length=LONGEST_NAME, widget=forms.TextInput(attrs=_TEXT)
    )
    base_url = forms.CharField(
        label="Address", max_length=500, required=False, widget=forms.TextInput(attrs=_CODE)
    )
    api_version = forms.CharField(
        label="API version",
        max_length=40,
        required=False,
        help_text="A day such as 2024-10-21; empty: Azure's API v1.",
        widget=forms.TextInput(attrs=_CODE),
    )
    key = forms.CharField(
        label="Key",
        max_length=LONGEST_KEY,
        required=False,
        widget=forms.PasswordInput(attrs={**_CODE, "autocomplete": "new-password"}),
    )
    asks_models = forms.BooleanField(
        label="Take the models that the provider says it has, at each test", required=False
    )
    model_names = forms.CharField(
        label="Models",
        required=False,
        help_text="One a line.",
        widget=forms.Textarea(attrs={"rows": "4", "class": "field", "spellcheck": "false"}),
    )
    traced_as = forms.CharField(
        label="Provider in traces",
        max_length=LONGEST_TRACED_AS,
        required=False,
        help_text="Prices hang on it. Empty: told from the address; one that is not known is "
        "called other, and its calls have no price until you state one.",
        widget=forms.TextInput(attrs=_CODE),
    )
    is_enabled = forms.BooleanField(label="Calls may go here", required=False, initial=True)

    def __init__(self, data: Any = None, *, kind: Kind, provider: Provider | None = None) -> None:
        super().__init__(data, initial=_initial(kind, provider))
        self.kind = kind
        for name in _ABSENT[kind]:
            del self.fields[name]
        if kind != Kind.SIMULATED:
            self.fields["base_url"].help_text = _ADDRESSES[kind]
            self.fields["key"].help_text = _about_key(kind, provider)
        if kind == Kind.AZURE:
            self.fields["model_names"].label = "Deployments"
        if kind == Kind.SIMULATED:
            self.fields["model_names"].help_text = "One a line; empty: all that there are."

    def clean_model_names(self) -> list[str]:
        """The lines."""
        return [line.strip() for line in self.cleaned_data["model_names"].splitlines()]

    def terms(self) -> Terms:
        """The terms of a valid form."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "key"}
        return Terms(kind=self.kind, **given)

    def key_given(self) -> str | None:
        """The key that was typed; None where the field was left empty."""
        return self.cleaned_data.get("key") or None

    def refuse(self, bad: BadTerms) -> None:
        """Show each fault beside its field."""
        for where, text in bad.faults:
            self.add_error(where if where in self.fields else None, text)


def _initial(kind: Kind, provider: Provider | None) -> dict[str, Any]:
    if provider is None:
        names = MODELS if kind == Kind.SIMULATED else ()
        return {"name": kind.label if kind != Kind.OPENAI else "", "model_names": "\n".join(names)}
    return {
        "name": provider.name,
        "base_url": provider.base_url,
        "api_version": provider.api_version,
        "asks_models": provider.asks_models,
        "model_names": "\n".join(provider.model_names),
        "traced_as": provider.traced_as,
        "is_enabled": provider.is_enabled,
    }


def _about_key(kind: Kind, provider: Provider | None) -> str:
    if provider is not None and provider.key_sealed:
        return "Empty: the stored key stays. It is encrypted and never shown again."
    own = "Empty where your server wants none. " if kind == Kind.OPENAI else ""
    return f"{own}It is encrypted and never shown again."
