"""Budgets: which apply to a call, what of each is used, and how they stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from accounts.models import Project
from costs.models import Budget, BudgetUse, Period


@dataclass(frozen=True, slots=True)
class Call:
    """What a call says of itself; '' is not said."""

    feature: str = ""
    model: str = ""
    segment: str = ""
    key: str = ""  # the public key


@dataclass(frozen=True, slots=True)
class Standing:
    """A budget and what of it is used now; amounts as the budget's."""

    budget: Budget
    settled: int
    reserved: int
    actual: int

    @property
    def spent(self) -> int:
        """What is gone: what traces say or what was settled, whichever is more.

        A settled call has a trace soon after, so the two are not added.
        """
        return max(self.actual, self.settled)

    @property
    def used(self) -> int:
        """What is gone or put aside."""
        return self.spent + self.reserved

    @property
    def left(self) -> int:
        """What is still free; not below 0."""
        return max(self.budget.limit - self.used, 0)

    @property
    def share(self) -> float:
        """The share of the limit that is gone."""
        return self.spent / self.budget.limit if self.budget.limit else 1.0


def budgets_of(project: Project) -> QuerySet[Budget]:
    """The project's budgets and those of its organization."""
    return Budget.objects.filter(
        Q(project=project) | Q(project=None), organization_id=project.organization_id,
        deleted_at=None,
    ).select_related("owner")  # fmt: skip


def standings(budgets: Sequence[Budget], now: datetime | None = None) -> list[Standing]:
    """How each stands, in the order given."""
    now = now or timezone.now()
    sums = _used(budgets, now)
    return [
        Standing(one, *sums.get(one.pk, (0, 0)), actual=one.known_actual(now)) for one in budgets
    ]


def _used(budgets: Iterable[Budget], now: datetime) -> dict[int, tuple[int, int]]:
    """(settled, reserved) of the running period, by budget."""
    which = Q(pk=None)
    for one in budgets:
        since = one.since(now)
        if one.period == Period.ROLLING:
            which |= Q(budget=one, bucket__gte=since)
        else:
            which |= Q(budget=one, bucket=since)
    rows = (
        BudgetUse.objects.filter(which)
        .values_list("budget_id")
        .annotate(s=Sum("settled"), r=Sum("reserved"))
    )
    return {pk: (int(settled), int(reserved)) for pk, settled, reserved in rows}
