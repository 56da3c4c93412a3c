"""What tests of recosting need: prices stated, jobs run at once, and what stands afterwards."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.models import Project
from pricing.models import Price, PriceJob
from pricing.project_table import ProjectTable
from pricing.queries import table_for
from pricing.services.prices import set_price
from pricing.terms import Terms
from tests.traces.stored import NOON, SECOND, fetch, open_store, rows, span
from traces.ingest.costing import price_records
from traces.ingest.record import SpanRecord
from traces.recosting.walk import recost

AT_NOON = datetime.fromtimestamp(NOON // SECOND, UTC)


def call(span_id: str, trace_id: str = "t1", **fields: Any) -> SpanRecord:
    """A call of a model that no table knows, with a thousand tokens each way."""
    known = {"model": "our-model", "provider": "openai", "in_uncached": 1000, "out_text": 1000}
    return span(span_id, trace_id, **{**known, **fields})


def store(project: Project, *records: SpanRecord, table: ProjectTable | None = None) -> None:
    """Write records as intake does, priced by the project's table."""
    price_records(records, table or table_for(project.pk))
    with open_store() as open_one:
        open_one.write(rows(*records, project_id=project.pk))


def state_price(project: Project, pattern: str = "our-model", **terms: Any) -> Price:
    """A price: 1 USD a million in, 2 out, from the beginning, unless said otherwise."""
    prices = {"in_uncached": Decimal(1), "out_text": Decimal(2)}
    return set_price(project, Terms(pattern, **{"prices": prices, **terms}), actor=None)


def run_jobs() -> list[PriceJob]:
    """Do all that is due, as the worker does; the jobs, oldest first."""
    PriceJob.objects.filter(state="due").update(due_at=timezone.now())
    for job in PriceJob.objects.filter(state="due").order_by("pk"):
        recost(job.pk)
    return list(PriceJob.objects.order_by("pk"))


def costs() -> dict[str, int | None]:
    """Cost of each span by its id."""
    return dict(fetch("select span_id, cost_nano from span"))


def trace_costs() -> dict[str, tuple[int, int]]:
    """Cost and unpriced calls of each trace, as kept."""
    query = "select trace_id, cost_nano, unpriced_count from trace"
    return {trace: (cost, unpriced) for trace, cost, unpriced in fetch(query)}


def counted_costs() -> dict[str, tuple[int, int]]:
    """The same, counted from the spans."""
    query = """select trace_id, coalesce(sum(cost_nano), 0)::int8,
      count(*) filter (where counts and cost_nano is null) from span group by trace_id"""
    return {trace: (cost, unpriced) for trace, cost, unpriced in fetch(query)}
