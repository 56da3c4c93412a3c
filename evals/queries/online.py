"""Reading the rules of online evals: the list with today's figures, and what one judged lately."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.utils import timezone

from accounts.models import Project
from evals.models import Judgement, OnlineRule
from kit.intervals import Interval, wilson

DAYS = 7
State = Judgement.State


@dataclass(frozen=True, slots=True)
class Row:
    """A rule with what it did today (UTC) and in seven days."""

    rule: OnlineRule
    judged: int
    waiting: int
    skipped: int  # today, over the budget
    failed: int
    spent_nano: int  # today
    unpriced: int  # today
    undefined: int
    passed: int
    barred: int
    newest: datetime | None

    @property
    def is_over_budget(self) -> bool:
        """Something was refused today, because it would have crossed the budget."""
        return self.skipped > 0

    @property
    def share(self) -> float | None:
        """Of the verdicts with a bar in seven days, those that pass."""
        return self.passed / self.barred if self.barred else None

    @property
    def interval(self) -> Interval | None:
        """Its 95 % interval."""
        return wilson(self.passed, self.barred)

    @property
    def looked_at(self) -> datetime:
        """Up to when traces have been looked at."""
        return min(self.rule.scanned_to or self.rule.created_at, timezone.now())


def rules_of(project: Project) -> QuerySet[OnlineRule]:
    """The rules of a project by name, with their evaluators."""
    return (
        OnlineRule.objects.filter(project=project)
        .select_related("evaluator__current", "project__organization")
        .order_by("name", "pk")
    )


def rule_of(project: Project, pk: int) -> OnlineRule | None:
    """A rule by its id, or None."""
    return rules_of(project).filter(pk=min(pk, 2**63 - 1)).first()


def list_rules(project: Project, *, only: int | None = None) -> list[Row]:
    """Every rule, or one, with its figures. Two statements, whatever their number."""
    rules = rules_of(project)
    rules = rules if only is None else rules.filter(pk=only)
    now = timezone.now()
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    recent, today = Q(at__gte=now - timedelta(days=DAYS)), Q(at__gte=midnight)
    done = recent & Q(state=State.DONE)
    figures: dict[int, dict[str, Any]] = {
        row["rule"]: dict(row)
        for row in Judgement.objects.filter(project=project, rule__isnull=False)
        .filter(recent | Q(state__in=(State.DUE, State.RUNNING)))
        .order_by()
        .values("rule")
        .annotate(
            judged=Count("pk", filter=done),
            waiting=Count("pk", filter=Q(state__in=(State.DUE, State.RUNNING))),
            skipped=Count("pk", filter=today & Q(state=State.SKIPPED, error__contains="budget")),
            failed=Count("pk", filter=recent & Q(state=State.FAILED)),
            spent_nano=Sum("cost_nano", filter=today),
            unpriced=Count("pk", filter=today & Q(state=State.DONE, cost_nano=None)),
            undefined=Count("pk", filter=done & Q(num=None)),
            good=Count("pk", filter=done & Q(passed=True)),
            barred=Count("pk", filter=done & Q(passed__isnull=False)),
            newest=Max("at"),
        )
    }
    return [_row(rule, figures.get(rule.pk, {})) for rule in rules]


def _row(rule: OnlineRule, told: dict[str, Any]) -> Row:
    counts = {
        name: told.get(name) or 0
        for name in ("judged", "waiting", "skipped", "failed", "spent_nano", "unpriced",
                     "undefined", "barred")
    }  # fmt: skip
    passed = told.get("good") or 0
    return Row(rule=rule, newest=told.get("newest"), passed=passed, **counts)


def judgements_of(rule: OnlineRule, *, state: str = "") -> QuerySet[Judgement]:
    """What a rule judged, the newest first; `failing` are those that do not pass."""
    rows = Judgement.objects.filter(rule=rule).select_related("version").order_by("-pk")
    if state == "failing":
        return rows.filter(passed=False)
    if state == "passing":
        return rows.filter(passed=True)
    if state == "undefined":
        return rows.filter(state=State.DONE, num=None)
    if state in State.values:
        return rows.filter(state=state)
    return rows
