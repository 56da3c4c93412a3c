"""What pairwise judges said of a run, as the REST API gives it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from evals.models import Judgement
from evals.queries.pairs import Pairs
from prompts.rest.documents import Document


class WinsDocument(Document):
    """What a pairwise judge came to; the rate counts a tie as half a win."""

    name = serializers.CharField()
    items = serializers.IntegerField()
    wins = serializers.IntegerField()
    ties = serializers.IntegerField()
    losses = serializers.IntegerField()
    win_rate = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True, help_text="Of the interval of 95 %.")
    high = serializers.FloatField(allow_null=True)
    without_counterpart = serializers.IntegerField(help_text="In no figure.")


class ComparedDocument(Document):
    """The answer of another run to the same item, which a pairwise judge compared with."""

    experiment = serializers.IntegerField()
    repeat = serializers.IntegerField()


def wins_document(said: Mapping[str, Pairs]) -> list[dict[str, Any]]:
    """What each pairwise judge came to."""
    return [
        {
            "name": name,
            "items": one.rate.items,
            "wins": one.rate.wins,
            "ties": one.rate.ties,
            "losses": one.rate.losses,
            "win_rate": one.rate.rate,
            "low": one.rate.low,
            "high": one.rate.high,
            "without_counterpart": one.lacking,
        }
        for name, one in said.items()
    ]


def compared_document(one: Judgement) -> dict[str, int] | None:
    """Which answer of another run a verdict compares with; None where it is of one answer."""
    if one.other is None:
        return None
    return {"experiment": one.other.experiment.number, "repeat": one.other.repeat}
