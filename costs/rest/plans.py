"""Shapes of the REST of cost plans."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from costs.economy.traffic import EVEN, GROWTHS
from costs.models import PlanVersion
from costs.queries.plans import Outlook, Reality, outlooks
from costs.rest.budgets import money, nano
from costs.values.plans import Draft, Model
from pricing.card import TOKEN_CLASSES
from pricing.price import usd

PERIODS = ("day", "week", "month", "all")


def _number(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=24, decimal_places=9, **options)


class PlanModelSerializer(serializers.Serializer[Any]):
    """A model to price the plan with."""

    model = serializers.CharField(max_length=200)
    provider = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)


class StepSerializer(serializers.Serializer[Any]):
    """Requests a day from a date on."""

    day = serializers.DateField()
    per_day = _number()


class TermsSerializer(serializers.Serializer[Any]):
    """The terms of a plan. Tokens come from `experiment`, by its number, or from `tokens`."""

    feature = serializers.CharField(max_length=200)
    launch = serializers.DateField()
    horizon = serializers.IntegerField(required=False, default=365, help_text="Days.")
    models = PlanModelSerializer(many=True, help_text="The first is the plan.")
    priced_on = serializers.DateField()
    experiment = serializers.IntegerField(required=False, allow_null=True, default=None)
    tokens = serializers.DictField(
        child=serializers.IntegerField(), required=False, allow_null=True, default=None,
        help_text=f"Tokens of a request by class: {', '.join(TOKEN_CLASSES)}.",
    )  # fmt: skip
    tolerance = _number(required=False, default=Decimal(0), help_text="Of typed tokens, percent.")
    per_day = _number(help_text="Requests a day at the launch.")
    per_user = _number(required=False, allow_null=True, default=None)
    growth = serializers.ChoiceField(GROWTHS, required=False, default="none")
    amount = _number(required=False, default=Decimal(0))
    week = serializers.ListField(
        child=serializers.IntegerField(), required=False, default=list(EVEN), max_length=7
    )
    steps = StepSerializer(many=True, required=False, default=list)
    cached = _number(required=False, allow_null=True, default=None, help_text="Percent of input.")
    answered = _number(required=False, default=Decimal(0), help_text="Percent of requests.")
    budget = serializers.IntegerField(required=False, allow_null=True, default=None)
    limit_usd = money(required=False, allow_null=True, default=None)
    period = serializers.ChoiceField(PERIODS, required=False, default="month")


class NewPlanSerializer(serializers.Serializer[Any]):
    """A plan to make, or another version of one."""

    name = serializers.CharField(max_length=100)
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=500)
    terms = TermsSerializer()


def draft_of(given: dict[str, Any]) -> Draft:
    """The draft of checked terms."""
    said = dict(given)
    limit = said.pop("limit_usd")
    return Draft(
        **said
        | {
            "models": [Model(one["model"], one["provider"]) for one in given["models"]],
            "steps": [(one["day"], one["per_day"]) for one in given["steps"]],
            "limit": None if limit is None else nano(limit),
        }
    )


class BreakSerializer(serializers.Serializer[Any]):
    """Where the budget breaks."""

    day = serializers.DateField()
    requests = serializers.IntegerField()
    users = serializers.IntegerField(allow_null=True)


class AmountSerializer(serializers.Serializer[Any]):
    """Money with its 95 % range; null where nothing tells it."""

    usd = serializers.CharField(allow_null=True)
    low_usd = serializers.CharField(allow_null=True)
    high_usd = serializers.CharField(allow_null=True)


class MonthSerializer(AmountSerializer):
    """A calendar month, or what of it is in the plan."""

    month = serializers.CharField()
    days = serializers.IntegerField()
    requests = serializers.IntegerField()


class ModelOutlookSerializer(serializers.Serializer[Any]):
    """What the plan comes to with one model."""

    model = serializers.CharField()
    provider = serializers.CharField(allow_blank=True)
    why = serializers.CharField(allow_blank=True, help_text="Why there is no price.")
    per_request_usd = serializers.CharField(allow_null=True)
    whole = AmountSerializer()
    months = MonthSerializer(many=True)
    breaks = BreakSerializer(allow_null=True)
    breaks_early = serializers.DateField(allow_null=True)
    breaks_late = serializers.DateField(allow_null=True)
    holds_requests_a_day = serializers.IntegerField(allow_null=True)


class RealitySerializer(serializers.Serializer[Any]):
    """What was spent since the launch, in whole days, beside the plan."""

    days = serializers.IntegerField()
    planned_usd = serializers.CharField()
    actual_usd = serializers.CharField()
    planned_requests = serializers.IntegerField()
    actual_requests = serializers.IntegerField()
    deviation_usd = serializers.DictField(child=serializers.CharField())


class PlanSerializer(serializers.Serializer[Any]):
    """A plan with one of its versions."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    feature = serializers.CharField()
    version = serializers.IntegerField()
    made_at = serializers.DateTimeField()
    note = serializers.CharField(allow_blank=True)
    source = serializers.CharField()  # type: ignore[assignment]
    budget_usd = serializers.CharField(allow_null=True)
    models = ModelOutlookSerializer(many=True)
    reality = RealitySerializer(allow_null=True)


class ShortPlanSerializer(serializers.Serializer[Any]):
    """A plan in a list, with the money of its first 30 days."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    feature = serializers.CharField()
    version = serializers.IntegerField()
    launch = serializers.DateField()
    model = serializers.CharField()
    first_30_days = AmountSerializer()
    breaks_on = serializers.DateField(allow_null=True)


class PlanPageSerializer(serializers.Serializer[Any]):
    """A page of plans."""

    data = ShortPlanSerializer(many=True)  # type: ignore[assignment]
    next_cursor = serializers.CharField(allow_null=True)


def plan_document(version: PlanVersion, name: str, real: Reality | None) -> dict[str, Any]:
    """A version of a plan as REST gives it."""
    terms, models = outlooks(version)
    return {
        "id": version.plan_id,
        "name": name,
        "feature": terms.draft.feature,
        "version": version.number,
        "made_at": version.made_at,
        "note": version.note,
        "source": terms.source,
        "budget_usd": usd(terms.ceiling.limit) if terms.ceiling else None,
        "models": [
            _outlook(one, terms.traffic.users_of(one.breaks.requests) if one.breaks else None)
            for one in models
        ],
        "reality": None if real is None else {
            "days": len(real.by_day),
            "planned_usd": usd(real.planned.nano), "actual_usd": usd(real.actual.nano),
            "planned_requests": real.planned.requests, "actual_requests": real.actual.requests,
            "deviation_usd": {name: usd(amount) for name, amount in real.factors.items()},
        },
    }  # fmt: skip


def _outlook(found: Outlook, users: int | None) -> dict[str, Any]:
    rate, whole = found.priced.rate, found.whole
    breaks = found.breaks
    return {
        "model": found.priced.model.model,
        "provider": found.priced.model.provider,
        "why": found.priced.why,
        "per_request_usd": usd(round(rate.per_request)) if rate else None,
        "whole": _amount(whole.nano, whole.low, whole.high) if whole else _amount(None, None, None),
        "months": [
            {"month": f"{one.start:%Y-%m}", "days": one.days, "requests": one.requests}
            | _amount(one.nano, one.low, one.high)
            for one in found.months
        ],
        "breaks": {"day": breaks.day, "requests": breaks.requests, "users": users}
        if breaks
        else None,
        "breaks_early": found.breaks_early.day if found.breaks_early else None,
        "breaks_late": found.breaks_late.day if found.breaks_late else None,
        "holds_requests_a_day": found.holds,
    }


def short_document(name: str, version: PlanVersion) -> dict[str, Any]:
    """A plan in a list."""
    short = version.summary
    return {
        "id": version.plan_id, "name": name, "feature": version.terms["feature"],
        "version": version.number, "launch": version.terms["launch"], "model": short["model"],
        "first_30_days": _amount(short["nano"], short["low"], short["high"]),
        "breaks_on": short["breaks"],
    }  # fmt: skip


def _amount(amount: int | None, low: int | None, high: int | None) -> dict[str, Any]:
    return {"usd": usd(amount), "low_usd": usd(low), "high_usd": usd(high)}
