"""Reading prices and jobs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Project
from pricing.models import JobState, Price, PriceJob
from pricing.project_table import ProjectTable
from pricing.terms import own_price

JOBS_SHOWN = 10


def prices_of(project: Project) -> QuerySet[Price]:
    """Its prices by pattern and provider, newest period first."""
    return (
        Price.objects.filter(project=project)
        .select_related("created_by")
        .order_by("pattern", "provider", "-valid_from")
    )


@dataclass(frozen=True)
class PriceHistory:
    """The periods of one provider and pattern: the one that runs, those to come, those past."""

    provider: str
    pattern: str
    running: Price | None
    coming: list[Price]
    past: list[Price]


def list_histories(project: Project, now: datetime | None = None) -> list[PriceHistory]:
    """Its prices as histories, those that run or come first."""
    at = now or timezone.now()
    found = []
    for (pattern, provider), rows in groupby(
        prices_of(project), key=lambda price: (price.pattern, price.provider)
    ):
        periods = list(rows)
        coming = [price for price in periods if price.valid_from > at]
        past = [price for price in periods if price.valid_to is not None and price.valid_to <= at]
        running = [price for price in periods if price not in coming and price not in past]
        found.append(PriceHistory(provider, pattern, running[0] if running else None, coming, past))
    return sorted(found, key=lambda history: history.running is None and not history.coming)


def table_for(project_id: int) -> ProjectTable:
    """The table of a project as it stands in the database now."""
    rows = Price.objects.filter(project_id=project_id).order_by("pk")
    return ProjectTable(own_price(row) for row in rows)


def list_jobs(project: Project) -> list[PriceJob]:
    """The newest jobs, open ones first."""
    jobs = PriceJob.objects.filter(project=project).select_related("created_by")
    newest = list(jobs.order_by("-created_at")[:JOBS_SHOWN])
    return sorted(newest, key=lambda job: not job.is_open)


def open_jobs(project: Project) -> QuerySet[PriceJob]:
    """Jobs that wait or run, oldest first."""
    return PriceJob.objects.filter(
        project=project, state__in=[JobState.DUE, JobState.RUNNING]
    ).order_by("created_at")
