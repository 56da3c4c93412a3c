"""What a judge's version said lately, and for what it was asked."""

from __future__ import annotations

from typing import Any

from django.db.models import Avg, Count, Max, Q, Sum

from evals.models import EvaluatorVersion, Judgement


def runs_of(version: EvaluatorVersion) -> list[dict[str, Any]]:
    """For each purpose: how many verdicts, how many pass, failures, money, the newest."""
    rows = (
        Judgement.objects.filter(version=version)
        .order_by()
        .values("purpose")
        .annotate(
            judged=Count("pk", filter=Q(state=Judgement.State.DONE)),
            passing=Count("pk", filter=Q(state=Judgement.State.DONE, passed=True)),
            barred=Count("pk", filter=Q(state=Judgement.State.DONE, passed__isnull=False)),
            failed=Count("pk", filter=Q(state=Judgement.State.FAILED)),
            waiting=Count("pk", filter=Q(state__in=("due", "running"))),
            cost=Sum("cost_nano"),
            mean=Avg("num"),
            newest=Max("at"),
        )
    )
    words = dict(Judgement.Purpose.choices)
    found: list[dict[str, Any]] = [
        row | {"word": words.get(row["purpose"], row["purpose"])} for row in rows
    ]
    for row in found:
        row["share"] = row["passing"] / row["barred"] if row["barred"] else None
    return sorted(found, key=lambda row: str(row["purpose"]))


def judgements_page(version: EvaluatorVersion, *, before: int | None, size: int) -> list[Judgement]:
    """The newest verdicts of a version, below the id `before`; with results and experiments."""
    rows = Judgement.objects.filter(version=version).select_related("result", "experiment", "rule")
    rows = rows.filter(pk__lt=before) if before is not None else rows
    return list(rows.order_by("-pk")[:size])
