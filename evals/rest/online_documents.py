"""Rules of online evals, and the four cells of retrieval and generation, over REST."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from evals.queries.grounding import Grounding
from evals.queries.online import Row
from evals.services.online import MOST_BUDGET_NANO, Wanted
from prompts.rest.bodies import Body, text
from prompts.rest.documents import Document
from prompts.rest.parameters import PageParameters


class OnlineRuleDocument(Document):
    """A rule with what it did today (UTC) and in seven days."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    evaluator = serializers.CharField()
    share = serializers.FloatField(help_text="Of traces, 0 to 1.")
    feature = serializers.CharField()
    environment = serializers.CharField()
    query = serializers.CharField()
    daily_budget_nano = serializers.IntegerField(allow_null=True)
    enabled = serializers.BooleanField()
    judged = serializers.IntegerField(help_text="In seven days, as passed and undefined.")
    passed = serializers.IntegerField()
    barred = serializers.IntegerField(help_text="Of those judged, with a bar.")
    undefined = serializers.IntegerField()
    waiting = serializers.IntegerField()
    failed = serializers.IntegerField()
    skipped_today = serializers.IntegerField(help_text="Over the budget.")
    spent_today_nano = serializers.IntegerField()
    unpriced_today = serializers.IntegerField()
    looked_at = serializers.DateTimeField()


class OnlineRulePageDocument(Document):
    """A page of rules."""

    data_ = OnlineRuleDocument(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class CellDocument(Document):
    """One of the four."""

    title = serializers.CharField()
    traces = serializers.IntegerField()
    share = serializers.FloatField(allow_null=True)
    trace_ids = serializers.ListField(child=serializers.CharField(), help_text="At most 100.")


class GroundingDocument(Document):
    """Live traces by whether retrieval and generation pass."""

    retrieval = serializers.CharField()
    generation = serializers.CharField()
    days = serializers.IntegerField()
    judged = serializers.IntegerField(help_text="With both scores.")
    cells = serializers.DictField(child=CellDocument())
    hallucination_rate = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True, help_text="Of its 95 % interval (Wilson).")
    high = serializers.FloatField(allow_null=True)
    answers = serializers.IntegerField(help_text="That the rate is of.")


class GroundingParameters(PageParameters):
    """Which scores, and of which traces."""

    retrieval = serializers.CharField(max_length=200)
    generation = serializers.CharField(max_length=200)
    feature = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)
    days = serializers.IntegerField(required=False, default=7, min_value=1, max_value=90)


class ChangeRuleBody(Body):
    """What a rule is to say; what is left out stays."""

    name = serializers.CharField(required=False, max_length=200, trim_whitespace=False)
    evaluator = serializers.CharField(required=False, max_length=200)
    share = serializers.FloatField(required=False, help_text="Of traces, above 0 to 1.")
    feature = serializers.CharField(required=False, allow_blank=True, max_length=200)
    environment = serializers.CharField(required=False, allow_blank=True, max_length=100)
    query = serializers.CharField(required=False, allow_blank=True, max_length=2_000)
    daily_budget_nano = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=MOST_BUDGET_NANO,
        help_text="Nano-dollars a UTC day; null: no budget.",
    )  # fmt: skip
    enabled = serializers.BooleanField(required=False)


class NewRuleBody(ChangeRuleBody):
    """A rule to make; it looks at what begins from now on."""

    name = serializers.CharField(max_length=200, trim_whitespace=False)
    evaluator = serializers.CharField(max_length=200)
    share = serializers.FloatField()
    feature = text(max_length=200)
    environment = text(max_length=100)
    query = text(max_length=2_000)


def wanted_from(given: dict[str, Any], known: Wanted | None = None) -> Wanted:
    """What the service takes, of a valid body and of what stands."""
    told = {name: getattr(known, name) for name in Wanted.__dataclass_fields__} if known else {}
    told |= {name: value for name, value in given.items() if name not in ("share", "enabled")}
    if "share" in given:
        told["share"] = Decimal(repr(given["share"]))
    if "enabled" in given:
        told["is_enabled"] = given["enabled"]
    return Wanted(**told)


def rule_document(row: Row) -> dict[str, Any]:
    """A rule with its figures."""
    rule = row.rule
    return {
        "id": rule.pk,
        "name": rule.name,
        "evaluator": rule.evaluator.name,
        "share": float(rule.share),
        "feature": rule.feature,
        "environment": rule.environment,
        "query": rule.query,
        "daily_budget_nano": rule.daily_budget_nano,
        "enabled": rule.is_enabled,
        "judged": row.judged,
        "passed": row.passed,
        "barred": row.barred,
        "undefined": row.undefined,
        "waiting": row.waiting,
        "failed": row.failed,
        "skipped_today": row.skipped,
        "spent_today_nano": row.spent_nano,
        "unpriced_today": row.unpriced,
        "looked_at": row.looked_at,
    }


def grounding_document(found: Grounding) -> dict[str, Any]:
    """The four cells and the rate."""
    interval = found.interval
    return {
        "retrieval": found.retrieval,
        "generation": found.generation,
        "days": found.days,
        "judged": found.judged,
        "cells": {
            key: {
                "title": cell.title,
                "traces": cell.count,
                "share": cell.share,
                "trace_ids": [pair.trace_id for pair in cell.pairs[:100]],
            }
            for key, cell in found.cells.items()
        },
        "hallucination_rate": found.rate,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
        "answers": found.grounded_known,
    }
