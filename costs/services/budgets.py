"""Budgets: made, changed, raised with somebody's consent, drilled, deleted."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Organization, Project, Role, User
from accounts.queries import list_members
from accounts.services.trail import Actor, person, record
from costs.models import Budget, BudgetMark, Period, RaiseRequest, Scope, Unit
from costs.services.errors import BadBudget, BudgetIsGone, CannotDecide
from costs.signals import budget_marked

MOST_BUDGETS = 200  # of an organization; each call is held against those that apply
NAMED = (Scope.FEATURE, Scope.SEGMENT, Scope.MODEL, Scope.KEY)
MOST_HOURS = 31 * 24
MOST = 2**62


@transaction.atomic
def create_budget(
    project: Project,
    *,
    name: str,
    scope: str,
    value: str = "",
    unit: str = Unit.MONEY,
    period: str = Period.MONTH,
    rolling_hours: int | None = None,
    limit: int,
    is_hard: bool = False,
    owner: User | None = None,
    note: str = "",
    actor: Actor,
) -> Budget:
    """A new budget of the project, or of its whole organization. Raises: BadBudget."""
    Organization.objects.select_for_update(no_key=True).get(pk=project.organization_id)
    live = Budget.objects.filter(organization_id=project.organization_id, deleted_at=None)
    if live.count() >= MOST_BUDGETS:
        raise BadBudget(f"An organization has at most {MOST_BUDGETS} budgets; delete one first.")
    budget = Budget(
        organization_id=project.organization_id,
        project=None if scope == Scope.ORGANIZATION else project,
        scope=scope,
        value=value.strip() if scope in NAMED else "",
        unit=unit,
        period=period,
        rolling_hours=rolling_hours if period == Period.ROLLING else None,
        is_hard=is_hard,
        created_by=person(actor),
    )
    _describe(budget, name=name, limit=limit, owner=owner or person(actor), note=note)
    _check(budget, project)
    budget.save()
    _record("budget.created", budget, project, actor, **said(budget))
    return budget


@transaction.atomic
def change_budget(
    budget: Budget,
    *,
    project: Project,
    name: str | None = None,
    limit: int | None = None,
    is_hard: bool | None = None,
    is_enabled: bool | None = None,
    owner: User | None = None,
    note: str | None = None,
    actor: Actor,
) -> Budget:
    """Change what is given. A higher limit of a hard budget needs `ask_raise`.

    Raises: BadBudget, BudgetIsGone.
    """
    budget = locked(budget.pk)
    before = said(budget)
    if limit is not None and budget.is_hard and limit > budget.limit:
        raise BadBudget(
            "A hard budget is raised with its owner's consent: ask for a raise.", "limit"
        )
    _describe(
        budget,
        name=budget.name if name is None else name,
        limit=budget.limit if limit is None else limit,
        owner=owner or budget.owner,
        note=budget.note if note is None else note,
    )
    budget.is_hard = budget.is_hard if is_hard is None else is_hard
    budget.is_enabled = budget.is_enabled if is_enabled is None else is_enabled
    _check(budget, project)
    budget.save()
    _record("budget.changed", budget, project, actor, before=before, after=said(budget))
    return budget


@transaction.atomic
def delete_budget(budget: Budget, *, project: Project, actor: Actor) -> None:
    """Nothing is held against it any more. Raises: BudgetIsGone."""
    budget = locked(budget.pk)
    budget.deleted_at, budget.is_enabled = timezone.now(), False
    budget.save(update_fields=["deleted_at", "is_enabled"])
    _record("budget.deleted", budget, project, actor, **said(budget))


@transaction.atomic
def ask_raise(
    budget: Budget, *, project: Project, limit: int, reason: str, actor: Actor
) -> RaiseRequest:
    """Ask for a higher limit. Raises: BadBudget, BudgetIsGone."""
    budget = locked(budget.pk)
    if not budget.limit < limit <= MOST:
        raise BadBudget("A raise must be above the limit of now.", "limit")
    if not reason.strip():
        raise BadBudget("Say what the raise is for.", "reason")
    if budget.raises.filter(state=RaiseRequest.State.OPEN).exists():
        raise BadBudget("Somebody has asked for a raise already; it waits for its decision.")
    asked = RaiseRequest.objects.create(
        budget=budget, limit=limit, reason=reason.strip()[:500], asked_by=person(actor)
    )
    _record("budget.raise_asked", budget, project, actor, limit=limit, reason=asked.reason)
    return asked


@transaction.atomic
def decide_raise(
    asked: RaiseRequest, *, project: Project, approves: bool, actor: User
) -> RaiseRequest:
    """The owner of the budget, or an admin, decides; never who asked.

    Raises: CannotDecide, BudgetIsGone.
    """
    budget = locked(asked.budget_id)
    asked = RaiseRequest.objects.select_for_update().get(pk=asked.pk)
    if asked.state != RaiseRequest.State.OPEN:
        raise CannotDecide("It is decided already.")
    if asked.asked_by_id == actor.pk:
        raise CannotDecide("Who asked for a raise does not decide on it.")
    if actor.pk != budget.owner_id and actor.pk not in _members(project, Role.ADMIN):
        raise CannotDecide("The owner of the budget, or an admin, decides.")
    asked.state = RaiseRequest.State.APPROVED if approves else RaiseRequest.State.REFUSED
    asked.decided_by, asked.decided_at = actor, timezone.now()
    asked.save(update_fields=["state", "decided_by", "decided_at"])
    before = budget.limit
    if approves:
        budget.limit = asked.limit
        budget.save(update_fields=["limit"])
    _record(f"budget.raise_{asked.state}", budget, project, actor, before=before, limit=asked.limit)
    return asked


@transaction.atomic
def drill(budget: Budget, *, project: Project, actor: Actor) -> BudgetMark:
    """Let the page go out as if the budget were gone, to prove that it arrives.

    Raises: BudgetIsGone.
    """
    budget = locked(budget.pk)
    now = timezone.now()
    mark = BudgetMark.objects.create(
        budget=budget, period_start=now, kind=BudgetMark.Kind.DRILL, amount=budget.limit, at=now
    )
    _record("budget.drilled", budget, project, actor)
    transaction.on_commit(lambda: budget_marked.send(sender=BudgetMark, budget_id=budget.pk))
    return mark


def locked(pk: int) -> Budget:
    """The budget's row, locked. Raises: BudgetIsGone."""
    found = (
        Budget.objects.select_for_update(no_key=True, of=("self",))
        .select_related("owner", "project", "organization")
        .filter(pk=pk, deleted_at=None)
        .first()
    )
    if found is None:
        raise BudgetIsGone("The budget was deleted meanwhile.")
    return found


def said(budget: Budget) -> dict[str, Any]:
    """What the trail keeps of it."""
    return {
        "name": budget.name, "scope": budget.scope, "value": budget.value, "unit": budget.unit,
        "period": budget.period, "limit": budget.limit, "is_hard": budget.is_hard,
        "is_enabled": budget.is_enabled,
    }  # fmt: skip


def _describe(budget: Budget, *, name: str, limit: int, owner: User | None, note: str) -> None:
    budget.name, budget.note = _clean(name)[:100], _clean(note)[:500]
    budget.limit, budget.owner = limit, owner


def _clean(text: str) -> str:
    return " ".join(text.replace("\0", "").split())


def _check(budget: Budget, project: Project) -> None:
    if not budget.name:
        raise BadBudget("A budget needs a name.", "name")
    if budget.scope not in Scope.values:
        raise BadBudget(f"There is no scope {budget.scope!r}.", "scope")
    if budget.unit not in Unit.values:
        raise BadBudget(f"There is no unit {budget.unit!r}.", "unit")
    if budget.period not in Period.values:
        raise BadBudget(f"There is no period {budget.period!r}.", "period")
    if budget.scope in NAMED and not budget.value:
        raise BadBudget(f"Say which {budget.scope} it is of.", "value")
    if not 0 < budget.limit <= MOST:
        raise BadBudget("A limit must be above 0.", "limit")
    hours = budget.rolling_hours
    if budget.period == Period.ROLLING and not 1 <= (hours or 0) <= MOST_HOURS:
        raise BadBudget(f"Rolling hours are 1 to {MOST_HOURS}.", "rolling_hours")
    if budget.scope == Scope.USER:
        if (budget.period, hours, budget.unit) != (Period.ROLLING, 24, Unit.MONEY):
            raise BadBudget("A limit of each user is of dollars in 24 rolling hours.", "scope")
        if budget.is_hard:
            raise BadBudget(
                "A limit of each user tells of who is above it; it stops nobody.", "is_hard"
            )
    if budget.owner is not None and budget.owner.pk not in _members(project, Role.VIEWER):
        raise BadBudget("The owner must be a member of the project.", "owner")


def _members(project: Project, least: Role) -> set[int]:
    return {row.user.pk for row in list_members(project) if row.role.rank >= least.rank}


def _record(action: str, budget: Budget, project: Project, actor: Actor, **details: Any) -> None:
    record(action, actor=actor, project=project, subject=budget, **details)
