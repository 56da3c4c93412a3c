"""Shapes of the REST of spend."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from rest_framework import serializers

from costs.queries.dimensions import DIMENSIONS
from costs.queries.months import CLASSES
from costs.queries.spending import Spend
from pricing.price import usd

MOST_DAYS = 400
_LONGEST = 200


class SpendParameters(serializers.Serializer[Any]):
    """Of which days, told apart by what, narrowed to what."""

    by = serializers.ChoiceField(list(DIMENSIONS), required=False, default="feature")
    since = serializers.DateField(required=False, help_text="The first day (UTC).")
    until = serializers.DateField(required=False, help_text="The day after the last.")
    feature = serializers.CharField(required=False, max_length=_LONGEST)
    model = serializers.CharField(required=False, max_length=_LONGEST)
    prompt = serializers.CharField(required=False, max_length=_LONGEST)
    version = serializers.CharField(required=False, max_length=_LONGEST)
    environment = serializers.CharField(required=False, max_length=_LONGEST)
    limit = serializers.IntegerField(required=False, default=100, min_value=1, max_value=10_000)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """Days that follow each other, not too many."""
        since, until = given.get("since"), given.get("until")
        if since and until and not 0 < (until - since).days <= MOST_DAYS:
            raise serializers.ValidationError(
                {"until": f"Must be after `since`, by at most {MOST_DAYS} days."}
            )
        return given


class SpendRowSerializer(serializers.Serializer[Any]):
    """One value of the dimension; what says none has an empty name and stands last."""

    name = serializers.CharField(allow_blank=True)
    version = serializers.CharField(allow_blank=True, help_text="Of prompts.")
    cost_usd = serializers.CharField(help_text="Without evaluators.")
    evaluators_usd = serializers.CharField()
    before_usd = serializers.CharField(help_text="Over as many days before.")
    requests = serializers.IntegerField()
    unpriced_requests = serializers.IntegerField()
    tokens = serializers.DictField(child=serializers.IntegerField())


class SpendSerializer(serializers.Serializer[Any]):
    """Spend of some days; the total is of all rows, shown or not."""

    by = serializers.CharField()
    since = serializers.DateField()
    until = serializers.DateField()
    total_usd = serializers.CharField()
    rows = SpendRowSerializer(many=True)
    more = serializers.IntegerField(help_text="Rows that `limit` left out.")


def spend_document(
    by: str, days: tuple[date, date], rows: list[Spend], total: Spend, more: int
) -> Mapping[str, Any]:
    """Spend of some days."""
    return {
        "by": by,
        "since": days[0],
        "until": days[1],
        "total_usd": usd(total.cost + total.evaluators),
        "rows": [
            {
                "name": row.key[0],
                "version": row.key[1] if len(row.key) > 1 else "",
                "cost_usd": usd(row.cost),
                "evaluators_usd": usd(row.evaluators),
                "before_usd": usd(row.before),
                "requests": row.calls,
                "unpriced_requests": row.unpriced,
                "tokens": {
                    word.lower().replace(" ", "_"): row.tokens.get(word, 0) for word in CLASSES
                },
            }
            for row in rows
        ],
        "more": more,
    }
