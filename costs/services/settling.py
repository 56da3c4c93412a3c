"""What calls cost in the end, and reservations that nobody came back for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Project
from costs.models import Budget, Reservation, Unit
from costs.services.errors import BadReservation
from costs.services.uses import MOST, Changes, columns
from costs.services.words import amount_text

MOST_AT_ONCE = 500

_SETTLED = """
update costs_reservation r set state = 'settled', ended_at = %s,
  settled_nano = n.nano, settled_tokens = n.tokens
from unnest(%s::int8[], %s::int8[], %s::int8[]) as n (id, nano, tokens) where r.id = n.id
"""


@dataclass(frozen=True, slots=True)
class End:
    """What the call of a reservation cost; amounts as there."""

    project_id: int
    uid: str
    nano: int
    tokens: int = 0


def settle(
    project: Project, uid: str, *, nano: int, tokens: int = 0, now: datetime | None = None
) -> Reservation:
    """What the call cost in the end; 0 releases it. May be said twice.

    One that has expired meanwhile is settled as well: the money is gone. Raises: BadReservation
    where there is no such one, or it was settled with other figures.
    """
    (answer,) = settle_all([End(project.pk, uid, nano, tokens)], now)
    if isinstance(answer, BadReservation):
        raise answer
    return answer


@transaction.atomic
def settle_all(
    ends: Sequence[End], now: datetime | None = None
) -> list[Reservation | BadReservation]:
    """The same of many at once, one after the other as given; a refusal stands in its place."""
    now = now or timezone.now()
    rows = (
        Reservation.objects.select_for_update()
        .filter(project_id__in={one.project_id for one in ends}, uid__in={one.uid for one in ends})
        .order_by("pk")
    )
    found = {(one.project_id, one.uid): one for one in rows}
    units = _units({pk for one in found.values() for pk, _, _ in one.parts})
    changes, settled = Changes(), []
    answers: list[Reservation | BadReservation] = []
    for one in ends:
        reservation = found.get((one.project_id, one.uid))
        fault = _fault(one, reservation)
        if fault or reservation is None:
            answers.append(BadReservation(fault))
            continue
        answers.append(reservation)
        if reservation.state != Reservation.State.SETTLED:
            _end(reservation, one, units, changes, now)
            settled.append((reservation.pk, one.nano, one.tokens))
    changes.write()
    if settled:
        with connection.cursor() as cursor:
            cursor.execute(_SETTLED, [now, *columns(settled)])
    return answers


def expire_due(now: datetime | None = None) -> int:
    """What was reserved by callers that never came back is free again; how many. May run twice."""
    now = now or timezone.now()
    total = 0
    while True:
        done = _expire_some(now)
        total += done
        if done < MOST_AT_ONCE:
            return total


def anything_expired(now: datetime) -> bool:
    """True where `expire_due` would free something."""
    open_ones = Reservation.objects.filter(state=Reservation.State.RESERVED)
    return open_ones.filter(expires_at__lte=now).exists()


@transaction.atomic
def _expire_some(now: datetime) -> int:
    due = list(
        Reservation.objects.select_for_update(skip_locked=True)
        .filter(state=Reservation.State.RESERVED, expires_at__lte=now)
        .order_by("expires_at")[:MOST_AT_ONCE]
    )
    _units({pk for one in due for pk, _, _ in one.parts})
    changes = Changes()
    for one in due:
        for pk, bucket, amount in one.parts:
            changes.add(pk, bucket, reserved=-amount)
    changes.write()
    Reservation.objects.filter(pk__in=[one.pk for one in due]).update(
        state=Reservation.State.EXPIRED, ended_at=now
    )
    return len(due)


def _units(ids: set[int]) -> dict[int, str]:
    """The units of the budgets, which are locked in one order: nobody waits in a circle."""
    rows = Budget.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    return dict(rows.values_list("pk", "unit")) if ids else {}


def _fault(one: End, found: Reservation | None) -> str:
    """Why it cannot be settled like this; '' it can, or is."""
    for name, amount in (("The amount", one.nano), ("The number of tokens", one.tokens)):
        if not 0 <= amount <= MOST:
            return f"{name} must be between 0 and {MOST}."
    if found is None:
        return f"There is no reservation {one.uid!r}."
    is_settled = found.state == Reservation.State.SETTLED
    if is_settled and (found.settled_nano, found.settled_tokens) != (one.nano, one.tokens):
        already = amount_text(found.settled_nano or 0)
        return f"The reservation was settled already with {already}."
    return ""


def _end(
    found: Reservation, one: End, units: dict[int, str], changes: Changes, now: datetime
) -> None:
    is_open = found.state == Reservation.State.RESERVED
    for pk, bucket, amount in found.parts:
        spent = one.tokens if units.get(pk) == Unit.TOKENS else one.nano
        changes.add(pk, bucket, settled=spent, reserved=-amount if is_open else 0)
    found.state, found.ended_at = Reservation.State.SETTLED, now
    found.settled_nano, found.settled_tokens = one.nano, one.tokens
