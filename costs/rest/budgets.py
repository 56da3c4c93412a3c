"""Shapes of the REST of budgets: what may be sent, what is answered."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from accounts.models import User
from costs.models import Budget, Period, Reservation, Scope, Unit
from costs.queries.budgets import Standing
from costs.services.errors import OverBudget
from kit.problems import problem
from pricing.price import usd

NANO = Decimal(10) ** 9
_MOST_TOKENS = 2**62


def money(**options: Any) -> serializers.DecimalField:
    """An amount of dollars, as text or number; exact to the nano-dollar."""
    return serializers.DecimalField(
        max_digits=18, decimal_places=9, min_value=Decimal(0), **options
    )


def nano(amount: Decimal | None) -> int:
    """Nano-dollars of a checked amount; 0 of none."""
    return 0 if amount is None else int(amount * NANO)


class CallSerializer(serializers.Serializer[Any]):
    """What a call says of itself, so that the budgets it counts against are found."""

    feature = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)
    model = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)
    user_segment = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=200
    )
    amount_usd = money(required=False, default=Decimal(0), help_text="What it may cost at most.")
    tokens = serializers.IntegerField(
        required=False, default=0, min_value=0, max_value=_MOST_TOKENS,
        help_text="What it may use at most, where a budget is counted in tokens.",
    )  # fmt: skip


class ReserveSerializer(CallSerializer):
    """A call that is about to run."""

    id = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=100,
        help_text="Yours, by which a repeat is told: the same id reserves once.",
    )  # fmt: skip
    ttl_seconds = serializers.IntegerField(
        required=False, default=600, min_value=1, max_value=86_400,
        help_text="After so long without being settled it is free again.",
    )  # fmt: skip


class SettleSerializer(serializers.Serializer[Any]):
    """What the call cost in the end; 0 where it did not happen."""

    id = serializers.CharField(max_length=100)
    amount_usd = money(required=False, default=Decimal(0))
    tokens = serializers.IntegerField(
        required=False, default=0, min_value=0, max_value=_MOST_TOKENS
    )


class ReservationSerializer(serializers.Serializer[Any]):
    """A reservation, and where it stands."""

    id = serializers.CharField()
    state = serializers.ChoiceField(Reservation.State.choices)
    amount_usd = serializers.CharField()
    tokens = serializers.IntegerField()
    budgets = serializers.ListField(child=serializers.IntegerField())
    expires_at = serializers.DateTimeField()
    settled_usd = serializers.CharField(allow_null=True)
    settled_tokens = serializers.IntegerField(allow_null=True)


class OverBudgetSerializer(serializers.Serializer[Any]):
    """A problem document (RFC 9457) that says which budget does not hold the call."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    budget = serializers.IntegerField(help_text="Its id.")
    left = serializers.CharField(help_text="What of it is free: dollars, or tokens.")
    resets_at = serializers.DateTimeField()


class BudgetSerializer(serializers.Serializer[Any]):
    """A budget and how it stands. Amounts are dollars as decimal text, or tokens."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    scope = serializers.ChoiceField(Scope.choices)
    value = serializers.CharField(allow_blank=True)
    unit = serializers.ChoiceField(Unit.choices)
    period = serializers.ChoiceField(Period.choices)
    rolling_hours = serializers.IntegerField(allow_null=True)
    limit = serializers.CharField()
    hard = serializers.BooleanField()
    enabled = serializers.BooleanField()
    owner = serializers.CharField(allow_null=True, help_text="Their email.")
    note = serializers.CharField(allow_blank=True)
    spent = serializers.CharField()
    reserved = serializers.CharField()
    left = serializers.CharField()
    period_start = serializers.DateTimeField()
    period_end = serializers.DateTimeField()
    forecast = serializers.CharField(allow_null=True)
    forecast_low = serializers.CharField(allow_null=True)
    forecast_high = serializers.CharField(allow_null=True)
    chance_of_breaking = serializers.FloatField(allow_null=True)
    breaks_on = serializers.DateField(allow_null=True)


class BudgetPageSerializer(serializers.Serializer[Any]):
    """A page of budgets."""

    data = BudgetSerializer(many=True)  # type: ignore[assignment]  # a field
    next_cursor = serializers.CharField(allow_null=True)


class CheckSerializer(serializers.Serializer[Any]):
    """Whether a call may run now, and what stands against it."""

    allowed = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True)
    budgets = BudgetSerializer(many=True)


class NewBudgetSerializer(serializers.Serializer[Any]):
    """A budget to make. One of `limit_usd` and `limit_tokens` is given."""

    name = serializers.CharField(max_length=100)
    scope = serializers.ChoiceField(Scope.choices, required=False, default=Scope.PROJECT)
    value = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)
    limit_usd = money(required=False)
    limit_tokens = serializers.IntegerField(required=False, min_value=1, max_value=_MOST_TOKENS)
    period = serializers.ChoiceField(Period.choices, required=False, default=Period.MONTH)
    rolling_hours = serializers.IntegerField(required=False, min_value=1, max_value=744)
    hard = serializers.BooleanField(required=False, default=False)
    owner = serializers.EmailField(required=False)
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=500)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """One limit, in one unit."""
        if ("limit_usd" in given) == ("limit_tokens" in given):
            raise serializers.ValidationError(
                {"limit_usd": "Give a limit in dollars or in tokens."}
            )
        return given


class ChangedBudgetSerializer(serializers.Serializer[Any]):
    """What to change; the rest stays."""

    name = serializers.CharField(required=False, max_length=100)
    limit = serializers.DecimalField(
        required=False, max_digits=28, decimal_places=9, min_value=Decimal(0),
        help_text="Dollars or tokens, as the budget is counted.",
    )  # fmt: skip
    hard = serializers.BooleanField(required=False)
    enabled = serializers.BooleanField(required=False)
    owner = serializers.EmailField(required=False)
    note = serializers.CharField(required=False, allow_blank=True, max_length=500)


class AskRaiseSerializer(serializers.Serializer[Any]):
    """A higher limit, and what it is for."""

    limit = serializers.DecimalField(max_digits=28, decimal_places=9, min_value=Decimal(0))
    reason = serializers.CharField(max_length=500)


class RaiseSerializer(serializers.Serializer[Any]):
    """A raise that was asked for."""

    id = serializers.IntegerField()
    limit = serializers.CharField()
    reason = serializers.CharField()
    state = serializers.CharField()


def amount(budget: Budget, value: int | None) -> str | None:
    """As documents have it: dollars as decimal text, or a count of tokens."""
    if value is None:
        return None
    return usd(value) if budget.is_money else str(value)


def units(budget: Budget, given: Decimal) -> int:
    """A limit that was given, in the unit that is stored."""
    return int(given * NANO) if budget.is_money else int(given)


def budget_document(standing: Standing, now: Any) -> dict[str, Any]:
    """One budget."""
    budget = standing.budget
    owner: User | None = budget.owner
    return {
        "id": budget.pk,
        "name": budget.name,
        "scope": budget.scope,
        "value": budget.value,
        "unit": budget.unit,
        "period": budget.period,
        "rolling_hours": budget.rolling_hours,
        "limit": amount(budget, budget.limit),
        "hard": budget.is_hard,
        "enabled": budget.is_enabled,
        "owner": None if owner is None else owner.email,
        "note": budget.note,
        "spent": amount(budget, standing.spent),
        "reserved": amount(budget, standing.reserved),
        "left": amount(budget, standing.left),
        "period_start": budget.since(now),
        "period_end": budget.until(now),
        "forecast": amount(budget, budget.forecast),
        "forecast_low": amount(budget, budget.forecast_low),
        "forecast_high": amount(budget, budget.forecast_high),
        "chance_of_breaking": budget.chance,
        "breaks_on": budget.breaks_on,
    }


def reservation_document(one: Reservation) -> Mapping[str, Any]:
    """One reservation."""
    return {
        "id": one.uid,
        "state": one.state,
        "amount_usd": usd(one.nano),
        "tokens": one.tokens,
        "budgets": [pk for pk, _, _ in one.parts],
        "expires_at": one.expires_at,
        "settled_usd": usd(one.settled_nano),
        "settled_tokens": one.settled_tokens,
    }


def over_document(over: OverBudget) -> dict[str, Any]:
    """The problem document of a call that a hard budget does not hold."""
    return {
        **problem(402, str(over)),
        "budget": over.budget.pk,
        "left": amount(over.budget, over.left),
        "resets_at": over.resets_at.isoformat(),
    }
