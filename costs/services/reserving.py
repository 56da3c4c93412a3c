"""Putting money aside before a call, and settling it after: a hard budget is never overrun.

The rows of the budgets are locked in one order, so that of any number of callers at once exactly
as many get through as the limit holds. What nobody settles expires.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Project
from costs.models import Budget, Reservation, Unit
from costs.queries.budgets import Call, Standing, applying, standings
from costs.services.errors import BadReservation, OverBudget
from costs.services.words import amount_text, refusal

SHORTEST, LONGEST = 1, 24 * 3600  # seconds that a reservation may stand
USUAL = 600
MOST_AT_ONCE = 500
MOST = 2**62

_USE = """
insert into costs_budgetuse as u (budget_id, bucket, settled, reserved)
select * from unnest(%s::int8[], %s::timestamptz[], %s::int8[], %s::int8[])
on conflict (budget_id, bucket) do update set
  settled = u.settled + excluded.settled, reserved = u.reserved + excluded.reserved
"""
# One statement for both ways; a row that is taken from is there already.
_CHANGE = """
update costs_budgetuse u set settled = u.settled + n.settled, reserved = u.reserved + n.reserved
from unnest(%s::int8[], %s::timestamptz[], %s::int8[], %s::int8[])
  as n (budget_id, bucket, settled, reserved)
where u.budget_id = n.budget_id and u.bucket = n.bucket
"""


def reserve(
    project: Project,
    *,
    nano: int,
    tokens: int = 0,
    call: Call,
    key_id: int | None = None,
    uid: str = "",
    seconds: int = USUAL,
    now: datetime | None = None,
) -> Reservation:
    """Put `nano` nano-dollars and `tokens` aside in every budget that the call counts against.

    The same `uid` again gives the reservation that stands, whatever else is said. Raises:
    OverBudget where a hard budget does not hold it, BadReservation.
    """
    now = now or timezone.now()
    _check(nano, tokens, seconds)
    known = Reservation.objects.filter(project=project, uid=uid).first() if uid else None
    if known is not None:
        return known
    uid = uid or f"res_{secrets.token_hex(12)}"
    _refuse_early(project, nano, tokens, call, now)
    with transaction.atomic():
        budgets = list(
            applying(project.pk, project.organization_id, call).select_for_update(no_key=True)
        )
        for standing in standings(budgets, now):
            must_hold(standing, _amount(standing.budget, nano, tokens), now)
        parts = [
            (one.pk, one.bucket(now).isoformat(), _amount(one, nano, tokens)) for one in budgets
        ]
        made, is_new = Reservation.objects.get_or_create(
            project=project,
            uid=uid,
            defaults={
                "key_id": key_id,
                "feature": call.feature,
                "model": call.model,
                "segment": call.segment,
                "nano": nano,
                "tokens": tokens,
                "parts": parts,
                "created_at": now,
                "expires_at": now + timedelta(seconds=seconds),
            },
        )
        if is_new and parts:
            _write(_USE, [(pk, bucket, 0, amount) for pk, bucket, amount in parts])
        return made


@transaction.atomic
def settle(
    project: Project, uid: str, *, nano: int, tokens: int = 0, now: datetime | None = None
) -> Reservation:
    """What the call cost in the end; 0 releases it. May be said twice.

    One that has expired meanwhile is settled as well: the money is gone. Raises: BadReservation
    where there is no such one, or it was settled with other figures.
    """
    now = now or timezone.now()
    _check(nano, tokens, USUAL)
    found = Reservation.objects.select_for_update().filter(project=project, uid=uid).first()
    if found is None:
        raise BadReservation(f"There is no reservation {uid!r}.")
    if found.state == Reservation.State.SETTLED:
        if (found.settled_nano, found.settled_tokens) == (nano, tokens):
            return found
        raise BadReservation(
            f"The reservation was settled already with {amount_text(found.settled_nano or 0)}."
        )
    is_open = found.state == Reservation.State.RESERVED
    units = _units(found)
    _write(
        _CHANGE,
        [
            (
                pk,
                bucket,
                tokens if units.get(pk) == Unit.TOKENS else nano,
                -amount if is_open else 0,
            )
            for pk, bucket, amount in found.parts
        ],
    )
    found.state, found.ended_at = Reservation.State.SETTLED, now
    found.settled_nano, found.settled_tokens = nano, tokens
    found.save(update_fields=["state", "ended_at", "settled_nano", "settled_tokens"])
    return found


def expire_due(now: datetime | None = None) -> int:
    """What was reserved by callers that never came back is free again; how many. May run twice."""
    now = now or timezone.now()
    total = 0
    while True:
        done = _expire_some(now)
        total += done
        if done < MOST_AT_ONCE:
            return total


@transaction.atomic
def _expire_some(now: datetime) -> int:
    due = list(
        Reservation.objects.select_for_update(skip_locked=True)
        .filter(state=Reservation.State.RESERVED, expires_at__lte=now)
        .order_by("expires_at")[:MOST_AT_ONCE]
    )
    freed: dict[tuple[int, str], int] = {}
    for one in due:
        for pk, bucket, amount in one.parts:
            freed[pk, bucket] = freed.get((pk, bucket), 0) + amount
    # The rows of budgets come in one order, as everywhere, so that nobody waits in a circle.
    list(
        Budget.objects.select_for_update(no_key=True)
        .filter(pk__in={pk for pk, _ in freed}).order_by("pk").values_list("pk")
    )  # fmt: skip
    _write(_CHANGE, [(pk, bucket, 0, -amount) for (pk, bucket), amount in sorted(freed.items())])
    Reservation.objects.filter(pk__in=[one.pk for one in due]).update(
        state=Reservation.State.EXPIRED, ended_at=now
    )
    return len(due)


def _refuse_early(project: Project, nano: int, tokens: int, call: Call, now: datetime) -> None:
    """Refuse without a lock what cannot pass; what expired is freed first, then it may."""
    for attempt in (0, 1):
        found = standings(list(applying(project.pk, project.organization_id, call)), now)
        try:
            for standing in found:
                must_hold(standing, _amount(standing.budget, nano, tokens), now)
        except OverBudget:
            if attempt or not _anything_expired(now):
                raise
            expire_due(now)
        else:
            return


def _anything_expired(now: datetime) -> bool:
    open_ones = Reservation.objects.filter(state=Reservation.State.RESERVED)
    return open_ones.filter(expires_at__lte=now).exists()


def must_hold(standing: Standing, amount: int, now: datetime) -> None:
    """Refuse what a hard budget does not hold. Raises: OverBudget."""
    budget = standing.budget
    if not budget.is_hard or standing.used + amount <= budget.limit:
        return
    raise OverBudget(
        refusal(standing, amount, now),
        budget=budget,
        left=standing.left,
        resets_at=budget.until(now),
    )


def _amount(budget: Budget, nano: int, tokens: int) -> int:
    return nano if budget.is_money else tokens


def _units(found: Reservation) -> dict[int, str]:
    """The units of the budgets, which are locked in their order."""
    ids = [pk for pk, _, _ in found.parts]
    rows = Budget.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    return dict(rows.values_list("pk", "unit"))


def _write(statement: str, rows: Sequence[tuple[int, str, int, int]]) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(statement, [list(column) for column in zip(*rows, strict=True)])


def _check(nano: int, tokens: int, seconds: int) -> None:
    for name, amount in (("The amount", nano), ("The number of tokens", tokens)):
        if not 0 <= amount <= MOST:
            raise BadReservation(f"{name} must be between 0 and {MOST}.")
    if not SHORTEST <= seconds <= LONGEST:
        raise BadReservation(f"A reservation stands for {SHORTEST} to {LONGEST} seconds.")
