"""What budgets have reached becomes incidents: one a budget and period, louder as it goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Project
from alerts.models import Incident, Severity, State
from alerts.services.incidents import open_incident, resolve_cause
from alerts.values import Evidence, Fact
from costs.models import Budget, BudgetMark, Period
from costs.queries.budgets import Standing, standings
from costs.queries.spend import spent_by_day
from costs.services.words import amount_text, of_what, period_text
from kit.figures import percent

PREFIX = "budget:"
OURS = rf"^{PREFIX}[0-9]+ "  # those of objectives go on with the name of what is asked
FRESH = timedelta(days=35)  # older marks are of periods that are over
SOON = timedelta(days=3)  # a budget that breaks within wakes somebody
COURSE = timedelta(days=29)
NANO = 10**9

Kind = BudgetMark.Kind
_LOUD: Mapping[str, Severity] = {
    Kind.HALF: Severity.INFO,
    Kind.MOST: Severity.TICKET,
    Kind.ALL: Severity.PAGE,
    Kind.MAY_BREAK: Severity.TICKET,
    Kind.WILL_BREAK: Severity.TICKET,
    Kind.USER: Severity.TICKET,
    Kind.DRILL: Severity.PAGE,
}


def follow_budgets(now: datetime | None = None) -> int:
    """Each mark has its incident, and those of periods that are over are resolved; how many.

    May run twice: what stands in the rows decides.
    """
    now = now or timezone.now()
    by_cause: dict[str, list[BudgetMark]] = {}
    marks = BudgetMark.objects.filter(at__gt=now - FRESH, budget__deleted_at=None)
    for mark in marks.select_related("budget__project", "budget__owner").order_by("at", "pk"):
        if _is_of_now(mark, now):
            by_cause.setdefault(_cause(mark), []).append(mark)
    done = sum(_follow(cause, found, now) for cause, found in by_cause.items())
    going_on = Incident.objects.filter(cause__regex=OURS, project__deleted_at=None)
    for incident in going_on.exclude(state=State.RESOLVED).select_related("project"):
        done += _end(incident, now)
    return done


@transaction.atomic
def _follow(cause: str, marks: Sequence[BudgetMark], now: datetime) -> int:
    """The loudest of the marks that its incident does not know yet."""
    project = _project(marks[0].budget)
    if project is None:
        return 0
    known = Incident.objects.filter(project=project, cause=cause).order_by("-pk").first()
    news = [mark for mark in marks if known is None or mark.at > known.seen_at]
    if not news:
        return 0
    mark = max(news, key=lambda one: _severity(one, now).rank)
    budget = mark.budget
    (standing,) = standings([budget], now)
    open_incident(
        project,
        cause,
        sentence=_sentence(mark, standing),
        severity=_severity(mark, now),
        feature=budget.value if budget.scope == "feature" else "",
        evidence=_evidence(mark, standing, project, now),
        owner=budget.owner,
        now=now,
    )
    return 1


def _end(incident: Incident, now: datetime) -> int:
    """Resolve what is no longer so. A drill ends by the hand that runs it."""
    budget_id, _, rest = incident.cause.removeprefix(PREFIX).partition(" ")
    if rest.startswith("drill"):
        return 0
    budget = Budget.objects.filter(pk=int(budget_id), deleted_at=None).first()
    if budget is None:
        return int(resolve_cause(incident.project, incident.cause, why="The budget was deleted."))
    marks = BudgetMark.objects.filter(budget=budget).order_by("-at")
    newest = next((one for one in marks[:50] if _cause(one) == incident.cause), None)
    if newest is not None and not _is_of_now(newest, now):
        return int(resolve_cause(incident.project, incident.cause, why="A new period began."))
    return 0


def _is_of_now(mark: BudgetMark, now: datetime) -> bool:
    budget = mark.budget
    if mark.kind == Kind.DRILL:
        return now - mark.at < timedelta(hours=1)
    if budget.period == Period.ROLLING:
        return now - mark.period_start < timedelta(hours=48)
    return mark.period_start == budget.since(now)


def _cause(mark: BudgetMark) -> str:
    if mark.kind == Kind.DRILL:
        return f"{PREFIX}{mark.budget_id} drill {mark.pk}"
    what = f"user {mark.subject} " if mark.kind == Kind.USER else ""
    return f"{PREFIX}{mark.budget_id} {what}{mark.period_start.date().isoformat()}"[:200]


def _project(budget: Budget) -> Project | None:
    """Where its incidents are; of an organization's, in its oldest project."""
    if budget.project_id is not None:
        return budget.project
    live = Project.objects.filter(organization_id=budget.organization_id, deleted_at=None)
    return live.order_by("pk").first()


def _severity(mark: BudgetMark, now: datetime) -> Severity:
    breaks = mark.budget.breaks_on
    if mark.kind == Kind.WILL_BREAK and breaks is not None and breaks <= (now + SOON).date():
        return Severity.PAGE
    return _LOUD[mark.kind]


def _sentence(mark: BudgetMark, standing: Standing) -> str:
    budget = mark.budget
    limit = amount_text(budget.limit, is_money=budget.is_money)
    name = f"The budget “{budget.name}” of {of_what(budget)}"
    if mark.kind == Kind.DRILL:
        return f"Drill: {name} would be gone. Nothing is wrong; acknowledge that this reached you."
    if mark.kind == Kind.USER:
        spent = amount_text(mark.amount)
        return f"A user spent {spent} in 24 hours; {name} allows {limit}."
    if mark.kind in (Kind.MAY_BREAK, Kind.WILL_BREAK):
        expected = amount_text(mark.amount, is_money=budget.is_money)
        word = "will probably" if mark.kind == Kind.WILL_BREAK else "may"
        day = f" on {budget.breaks_on:%-d %b}" if budget.breaks_on else ""
        return (
            f"{name} {word} break{day}: {expected} of {limit} are expected {period_text(budget)}."
        )
    share = percent(standing.share)
    stops = " Calls that reserve are refused." if budget.is_hard and mark.kind == Kind.ALL else ""
    return (
        f"{share} of {limit} {period_text(budget)} are spent: {name[0].lower()}{name[1:]}.{stops}"
    )


def _evidence(mark: BudgetMark, standing: Standing, project: Project, now: datetime) -> Evidence:
    budget = mark.budget
    is_money = budget.is_money
    facts = [
        Fact("Spent", amount_text(standing.spent, is_money=is_money)),
        Fact("Reserved by running calls", amount_text(standing.reserved, is_money=is_money)),
        Fact("Limit", amount_text(budget.limit, is_money=is_money)),
    ]
    if budget.forecast is not None and budget.chance is not None:
        low, high = budget.forecast_low or 0, budget.forecast_high or 0
        expected = amount_text(budget.forecast, is_money=is_money)
        between = f"{amount_text(low, is_money=is_money)} to {amount_text(high, is_money=is_money)}"
        facts.append(Fact("Expected", f"{expected}, 80 % range {between}"))
        facts.append(Fact("Chance of breaking", percent(budget.chance)))
    if mark.kind == Kind.USER:
        href = reverse("traces:user", args=[project.slug, mark.subject])
        facts.insert(0, Fact("User", mark.subject, href))
    today = now.date()
    scale = NANO if is_money else 1
    course = [amount / scale for _, amount in spent_by_day(budget, today - COURSE, today)]
    return Evidence(facts=facts, points=course)
