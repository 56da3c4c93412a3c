"""What people type into the page of prices."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from pricing.card import Tier
from pricing.terms import PLACES, Terms

# Fields of the form that are classes of tokens, with the words people read.
CLASSES = {
    "in_uncached": "Input",
    "in_cached": "Input, from the cache",
    "in_cache_write": "Cache write, 5 minutes",
    "in_cache_write_1h": "Cache write, 1 hour",
    "in_audio": "Audio input",
    "out_text": "Output",
    "out_reasoning": "Reasoning",
    "out_audio": "Audio output",
}
_TIER = ("in_uncached", "in_cached", "in_cache_write", "out_text")
# Where a refusal of the terms shows; anything else stands above the form.
_FIELDS = {"prices": "in_uncached"}


class Amount(forms.DecimalField):
    """A price as text, so that what was typed is what counts."""

    def __init__(self, label: str, **more: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "class": "field num"})
        super().__init__(
            label=label,
            required=False,
            min_value=0,
            max_digits=20,
            decimal_places=PLACES,
            widget=widget,
            **more,
        )


def _instant(label: str, help_text: str = "") -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        required=False,
        help_text=help_text,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "class": "field"}),
    )


class PriceForm(forms.Form):
    """A price: amounts are per million tokens; times are UTC."""

    model = forms.CharField(
        label="Model",
        max_length=200,
        help_text="A name, or the beginning of names with * at its end.",
        widget=forms.TextInput(attrs={"class": "field", "autocomplete": "off"}),
    )
    provider = forms.CharField(
        label="Provider",
        max_length=100,
        required=False,
        help_text="Empty: any.",
        widget=forms.TextInput(attrs={"class": "field", "autocomplete": "off"}),
    )
    in_uncached = Amount(CLASSES["in_uncached"])
    out_text = Amount(CLASSES["out_text"])
    in_cached = Amount(CLASSES["in_cached"], help_text="Empty: as input.")
    in_cache_write = Amount(CLASSES["in_cache_write"], help_text="Empty: as input.")
    in_cache_write_1h = Amount(CLASSES["in_cache_write_1h"], help_text="Empty: as 5 minutes.")
    out_reasoning = Amount(CLASSES["out_reasoning"], help_text="Empty: as output.")
    in_audio = Amount(CLASSES["in_audio"], help_text="Empty: as input.")
    out_audio = Amount(CLASSES["out_audio"], help_text="Empty: as output.")
    per_call = Amount("For each call", help_text="Added once a call, such as a reranker's.")
    batch_factor = forms.DecimalField(
        label="Batch calls cost",
        required=False,
        min_value=0,
        max_value=10,
        max_digits=7,
        decimal_places=6,
        help_text="Part of the price: 0.5 for half. Empty: the whole.",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "field num"}),
    )
    above = forms.IntegerField(
        label="Above so many input tokens",
        required=False,
        min_value=1,
        max_value=2**31 - 1,
        help_text="The whole call is then charged at the prices below.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "field num"}),
    )
    tier_in_uncached = Amount(f"{CLASSES['in_uncached']} above")
    tier_in_cached = Amount(f"{CLASSES['in_cached']}, above")
    tier_in_cache_write = Amount(f"{CLASSES['in_cache_write']}, above")
    tier_out_text = Amount(f"{CLASSES['out_text']} above")
    currency = forms.CharField(
        label="Currency",
        max_length=3,
        initial="USD",
        required=False,
        widget=forms.TextInput(attrs={"class": "field", "autocomplete": "off"}),
    )
    usd_per_unit = forms.DecimalField(
        label="In USD",
        required=False,
        min_value=0,
        max_digits=18,
        decimal_places=9,
        help_text="What one unit is in USD, fixed for the whole period. Empty: 1.",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "field num"}),
    )
    valid_from = _instant("Valid from (UTC)", "Empty: now. Calls since then are computed again.")
    valid_to = _instant("Valid to (UTC)", "Empty: until another price is set.")
    note = forms.CharField(
        label="Note",
        max_length=500,
        required=False,
        widget=forms.TextInput(attrs={"class": "field", "autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial, auto_id="price_%s")

    @property
    def main(self) -> list[forms.BoundField]:
        """The two prices that nearly every model has."""
        return [self["in_uncached"], self["out_text"]]

    @property
    def others(self) -> list[forms.BoundField]:
        """The other classes, and what is charged by the call."""
        names = [name for name in CLASSES if name not in ("in_uncached", "out_text")]
        return [self[name] for name in (*names, "per_call", "batch_factor")]

    @property
    def tier(self) -> list[forms.BoundField]:
        """The tier of long calls."""
        return [self[name] for name in ("above", *(f"tier_{name}" for name in _TIER))]

    @property
    def has_more(self) -> bool:
        """Whether a field of the folded part is filled or wrong."""
        folded = [*self.others, *self.tier, self["currency"], self["usd_per_unit"]]
        return any(
            field.errors or (self.is_bound and field.value() not in ("", None, "USD"))
            for field in folded
        )

    def terms(self) -> Terms:
        """The terms of a valid form."""
        given = self.cleaned_data
        tier = {name: p for name in _TIER if (p := given[f"tier_{name}"]) is not None}
        above = given["above"]
        tiers = (Tier(above or 0, tier),) if above is not None or tier else ()
        return Terms(
            pattern=given["model"],
            provider=given["provider"],
            prices={name: p for name in CLASSES if (p := given[name]) is not None},
            tiers=tiers,
            per_call=given["per_call"] or Decimal(0),
            batch_factor=given["batch_factor"],
            currency=given["currency"] or "USD",
            usd_per_unit=given["usd_per_unit"] or Decimal(1),
            valid_from=_utc(given["valid_from"]) or timezone.now(),
            valid_to=_utc(given["valid_to"]),
            note=given["note"],
        )

    def refuse(self, where: str, reason: str) -> None:
        """Show why the terms were refused beside the field at fault."""
        name = where
        if where.startswith("tiers"):
            name = "above"
        elif where.startswith("prices."):
            name = where.removeprefix("prices.")
        name = _FIELDS.get(name, name)
        self.add_error(name if name in self.fields else None, reason)


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)
