"""Prices as JSON: amounts are decimal text, per million tokens, by token class."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from rest_framework import serializers

from kit.figures import instant
from pricing.card import Card, Tier
from pricing.models import Price, PriceJob
from pricing.price import usd
from pricing.recosting import Preview
from pricing.terms import PLACES, Terms, prices_in, tiers_in


class PlainDecimal(serializers.DecimalField):
    """Text without an exponent and needless zeros."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=20, decimal_places=PLACES, min_value=0, **options)


class TierSerializer(serializers.Serializer[Any]):
    """Prices of calls with more input tokens."""

    above = serializers.IntegerField(
        min_value=1, help_text="Calls with more input tokens are charged whole at these prices."
    )
    prices = serializers.DictField(child=PlainDecimal(), allow_empty=False)


class NewPriceSerializer(serializers.Serializer[Any]):
    """What a project pays for a model from a time on."""

    model = serializers.CharField(
        max_length=200, help_text="A whole name, or the beginning of names with * at its end."
    )
    provider = serializers.CharField(
        max_length=100, required=False, default="", allow_blank=True, help_text="Empty: any."
    )
    prices = serializers.DictField(
        child=PlainDecimal(),
        required=False,
        default=dict,
        help_text="Per million tokens by class: in_uncached, in_cached, in_cache_write, "
        "in_cache_write_1h, in_audio, out_text, out_reasoning, out_audio, or a class of your own "
        "that begins with in_ or out_. A class left out costs what its broader class costs.",
    )
    tiers = TierSerializer(many=True, required=False, default=list)
    per_call = PlainDecimal(required=False, default=Decimal(0), help_text="Added once a call.")
    batch_factor = serializers.DecimalField(
        max_digits=7, decimal_places=6, min_value=0, required=False, allow_null=True, default=None,
        help_text="What batch calls cost of the price, 0.5 for half; null: the whole price.",
    )  # fmt: skip
    currency = serializers.CharField(max_length=3, required=False, default="USD")
    usd_per_unit = serializers.DecimalField(
        max_digits=18, decimal_places=9, required=False, default=Decimal(1),
        help_text="What one unit of the currency is in USD, fixed for the whole period.",
    )  # fmt: skip
    valid_from = serializers.DateTimeField(required=False, help_text="Now when left out.")
    valid_to = serializers.DateTimeField(required=False, allow_null=True, default=None)
    note = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)

    def to_internal_value(self, data: Any) -> Any:
        """The values. Raises: ValidationError, also for a name that is not one of these."""
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields))):
            raise serializers.ValidationError(dict.fromkeys(unknown, "There is no such field."))
        return super().to_internal_value(data)

    def terms(self) -> Terms:
        """The terms of valid data."""
        given = dict(self.validated_data)
        given["pattern"] = given.pop("model")
        given["tiers"] = tuple(Tier(tier["above"], tier["prices"]) for tier in given["tiers"])
        given.setdefault("valid_from", timezone.now())
        return Terms(**given)


class ChangedPriceSerializer(serializers.Serializer[Any]):
    """What may change of a price: its end, and the note. Another price is a new one."""

    valid_to = serializers.DateTimeField(required=False)
    note = serializers.CharField(max_length=500, required=False, allow_blank=True)


class PriceSerializer(serializers.Serializer[Any]):
    """A price as it stands."""

    id = serializers.IntegerField()
    model = serializers.CharField()
    provider = serializers.CharField(allow_blank=True)
    prices = serializers.DictField(child=serializers.CharField())
    tiers = serializers.ListField(child=serializers.DictField())
    per_call = serializers.CharField()
    batch_factor = serializers.CharField(allow_null=True)
    currency = serializers.CharField()
    usd_per_unit = serializers.CharField()
    valid_from = serializers.DateTimeField()
    valid_to = serializers.DateTimeField(allow_null=True)
    note = serializers.CharField(allow_blank=True)
    created_by = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()


class PricePageSerializer(serializers.Serializer[Any]):
    """A page of prices."""

    data = PriceSerializer(many=True)  # type: ignore[assignment]  # a field
    next_cursor = serializers.CharField(allow_null=True)


class ResolvedSerializer(serializers.Serializer[Any]):
    """The prices that hold for a model at a time, in USD, and whose they are."""

    source = serializers.ChoiceField(  # type: ignore[assignment]  # a field
        choices=["project", "table"], allow_null=True
    )
    reference = serializers.CharField(allow_null=True)
    price_id = serializers.IntegerField(allow_null=True)
    since = serializers.DateField(allow_null=True)
    prices = serializers.DictField(child=serializers.CharField())
    tiers = serializers.ListField(child=serializers.DictField())
    per_call = serializers.CharField(allow_null=True)
    reason = serializers.CharField(help_text="Why these prices hold, or why there are none.")


class JobSerializer(serializers.Serializer[Any]):
    """Costs being computed again."""

    id = serializers.IntegerField()
    model = serializers.CharField()
    provider = serializers.CharField(allow_blank=True)
    state = serializers.CharField()
    spans = serializers.IntegerField(allow_null=True)
    seen = serializers.IntegerField()
    changed = serializers.IntegerField()
    before_usd = serializers.CharField()
    after_usd = serializers.CharField()
    error = serializers.CharField(allow_blank=True)


class PreviewSerializer(serializers.Serializer[Any]):
    """What a change would do to the costs of stored spans."""

    spans = serializers.IntegerField()
    looked_at = serializers.IntegerField()
    changed = serializers.IntegerField()
    newly_priced = serializers.IntegerField()
    newly_unpriced = serializers.IntegerField()
    before_usd = serializers.CharField()
    after_usd = serializers.CharField()
    is_exact = serializers.BooleanField()
    is_complete = serializers.BooleanField()
    days = serializers.ListField(child=serializers.DictField())


class UnpricedSerializer(serializers.Serializer[Any]):
    """Models in use that have calls without a cost."""

    since = serializers.DateTimeField()
    data = serializers.ListField(child=serializers.DictField())  # type: ignore[assignment]


def plain(amount: Decimal) -> str:
    """`0.075`: exact text without an exponent or needless zeros."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def price_document(price: Price) -> dict[str, Any]:
    """A price as JSON."""
    return {
        "id": price.pk,
        "model": price.pattern,
        "provider": price.provider,
        "prices": _plain(prices_in(price)),
        "tiers": [{"above": tier.above, "prices": _plain(tier.prices)} for tier in tiers_in(price)],
        "per_call": plain(price.per_call),
        "batch_factor": None if price.batch_factor is None else plain(price.batch_factor),
        "currency": price.currency,
        "usd_per_unit": plain(price.usd_per_unit),
        "valid_from": instant(price.valid_from),
        "valid_to": None if price.valid_to is None else instant(price.valid_to),
        "note": price.note,
        "created_by": price.created_by.display_name if price.created_by else None,
        "created_at": instant(price.created_at),
    }


def card_document(card: Card, *, price_id: int | None, reason: str) -> dict[str, Any]:
    """The prices of a card as JSON."""
    first, *others = card.tiers
    return {
        "source": card.source.name.lower(),
        "reference": card.reference,
        "price_id": price_id,
        "since": None if card.since is None else card.since.isoformat(),
        "prices": _plain(first.prices),
        "tiers": [{"above": tier.above, "prices": _plain(tier.prices)} for tier in others],
        "per_call": plain(card.per_call),
        "reason": reason,
    }


def no_card_document(reason: str) -> dict[str, Any]:
    """That there are no prices, and why."""
    nothing = dict.fromkeys(("source", "reference", "price_id", "since", "per_call"))
    return {**nothing, "prices": {}, "tiers": [], "reason": reason}


def job_document(job: PriceJob) -> dict[str, Any]:
    """A job as JSON."""
    return {
        "id": job.pk,
        "model": job.pattern,
        "provider": job.provider,
        "state": job.state,
        "spans": job.expected,
        "seen": job.seen,
        "changed": job.changed,
        "before_usd": usd(int(job.before_nano)),
        "after_usd": usd(int(job.after_nano)),
        "error": job.error,
    }


def preview_document(preview: Preview) -> dict[str, Any]:
    """A preview as JSON."""
    same = ("spans", "looked_at", "changed", "newly_priced", "newly_unpriced")
    document: dict[str, Any] = {name: getattr(preview, name) for name in same}
    return document | {
        "before_usd": usd(preview.before_nano),
        "after_usd": usd(preview.after_nano),
        "is_exact": preview.is_exact,
        "is_complete": preview.is_complete,
        "days": [
            {
                "day": day.day.isoformat(),
                "spans": day.spans,
                "before_usd": usd(day.before_nano),
                "after_usd": usd(day.after_nano),
            }
            for day in preview.days
        ],
    }


def _plain(prices: Any) -> dict[str, str]:
    return {name: plain(amount) for name, amount in prices.items()}


def now_us(at: datetime | None) -> datetime:
    """The instant, now where none is given."""
    return (at or timezone.now()).astimezone(UTC)
