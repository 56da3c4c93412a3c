"""Exports of providers, and each compared with what the roll-ups say of its days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction

from django.db.models import QuerySet, Sum

from accounts.models import Project
from costs.invoicing.comparing import ALL, Comparison, compare
from costs.invoicing.items import CACHED, INPUT, OUTPUT, WRITE
from costs.invoicing.naming import is_of, spelled
from costs.invoicing.sides import Cell, Traced
from costs.invoicing.statement import Line
from costs.models import Invoice, InvoiceLine
from costs.queries.rates import RateTable
from traces.queries.usage import Scope, span_figures
from traces.query.compiling import ANY_ENVIRONMENT

_CLASSES: Mapping[str, tuple[str, ...]] = {
    INPUT: ("in_uncached", "in_audio"),
    CACHED: ("in_cached",),
    WRITE: ("in_cache_write",),
    OUTPUT: ("out_text", "out_reasoning", "out_audio"),
}


def invoices_of(project: Project) -> QuerySet[Invoice]:
    """The exports of a project."""
    return Invoice.objects.filter(project=project).select_related("created_by")


def totals_of(invoices: list[Invoice]) -> dict[int, int | None]:
    """Nano-dollars of each export by its id; None where it has no money. One query."""
    rows = (
        InvoiceLine.objects.filter(invoice__in=[one.pk for one in invoices])
        .values_list("invoice")
        .annotate(cost=Sum("cost"))
    )
    return {pk: None if cost is None else int(cost) for pk, cost in rows}


@dataclass(frozen=True)
class Beside:
    """An export that says the rest of the same days: tokens of one, money of the other."""

    pk: int
    name: str


def comparison_of(invoice: Invoice) -> tuple[Comparison, list[Beside]]:
    """What was billed on the export's days against the roll-ups, and the exports beside it.

    Judges and evals are in what we counted, whatever their environment: the provider bills them.
    """
    others = list(
        Invoice.objects.filter(
            project=invoice.project_id, provider=invoice.provider,
            first_day__lte=invoice.last_day, last_day__gte=invoice.first_day,
        ).only("pk", "name", "created_at", "has_money")
    )  # fmt: skip
    found = compare(
        _billed(invoice, others),
        _traced(invoice),
        _Rates(invoice.project_id, invoice.provider),
        last=invoice.last_day,
        exported=max(one.created_at for one in others).astimezone(UTC).date(),
    )
    beside = [Beside(one.pk, one.name) for one in others if one.pk != invoice.pk]
    return found, beside


def _billed(invoice: Invoice, others: list[Invoice]) -> list[Line]:
    """The lines of all of them on the export's days.

    Where a usage export has tokens of a day, those that stand beside amounts are the same again.
    """
    usage = {one.pk for one in others if not one.has_money}
    rows = InvoiceLine.objects.filter(
        invoice__in=[one.pk for one in others], day__gte=invoice.first_day,
        day__lte=invoice.last_day,
    )  # fmt: skip
    names = ("day", "kind", "model", "name", "token_class", "service", "tokens", "requests", "cost")
    lines = [(pk, Line(*row)) for pk, *row in rows.values_list("invoice_id", *names)]
    told = {line.day for pk, line in lines if pk in usage and line.tokens is not None}
    return [
        replace(line, tokens=None, requests=None) if pk not in usage and line.day in told else line
        for pk, line in lines
    ]


def _traced(invoice: Invoice) -> Iterator[Traced]:
    return traced(invoice.project_id, invoice.provider, invoice.first_day, invoice.last_day)


def traced(project_id: int, provider: str, first: date, last: date) -> Iterator[Traced]:
    """What the roll-ups have of a provider from one UTC day to another, by day and model."""
    since = datetime.combine(first, time.min, UTC)
    until = datetime.combine(last + timedelta(days=1), time.min, UTC)
    scope = Scope(project_id, since, until, environment=ANY_ENVIRONMENT)
    for one in span_figures(scope, ("day", "model", "provider"), with_latencies=False):
        day, model, named = one.key
        cost = one.cost_nano + one.evaluator_nano
        if named != provider and (named or not is_of(provider, model)):
            continue
        if not (one.calls or cost):
            continue
        yield Traced(
            day=day,
            model=model or "",
            tokens={
                name: sum(one.tokens[part] for part in parts) for name, parts in _CLASSES.items()
            },
            cost=cost,
            calls=one.calls,
            unpriced=one.unpriced,
        )


class _Rates:
    """The prices of a cell: by the names that traces have, then by the one that is billed."""

    def __init__(self, project_id: int, provider: str) -> None:
        self._table = RateTable(project_id)
        self._provider = provider

    def __call__(self, cell: Cell) -> Mapping[str, Fraction] | None:
        if cell.model == ALL or cell.day is None:
            return None
        for name in (*sorted(cell.names), cell.model):
            if found := self._table.of(self._provider, spelled(name), cell.day):
                return found
        return None
