"""Putting money aside before a call: a hard budget is never overrun.

What cannot pass is refused without a lock. For the rest the rows of the budgets are locked in one
order and read anew, so that of any number of callers at once exactly as many get through as the
limit holds. Those who ask at the same time are decided together, one after the other.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import Project
from costs.models import Reservation
from costs.queries.budgets import Call, Standing
from costs.queries.calls import Place, counts_against, lock_for, standings_for
from costs.services.errors import BadReservation, OverBudget
from costs.services.settling import anything_expired, expire_due
from costs.services.storing import Key, insert_new, standing_reservations
from costs.services.uses import MOST, MOST_COUNTED, Part
from costs.services.words import refusal

SHORTEST, LONGEST = 1, 24 * 3600  # seconds that a reservation may stand
USUAL = 600

Answer = Reservation | OverBudget | BadReservation


@dataclass(frozen=True, slots=True)
class Ask:
    """What a call may cost at most: nano-dollars, tokens. '' for `uid`: one is made."""

    project_id: int
    organization_id: int
    call: Call
    nano: int
    tokens: int = 0
    key_id: int | None = None
    uid: str = ""
    seconds: int = USUAL

    @property
    def place(self) -> Place:
        """By which its budgets are found."""
        return self.project_id, self.organization_id, self.call


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
    asked = Ask(
        project.pk, project.organization_id, call, nano, tokens, key_id, uid, seconds,
    )  # fmt: skip
    (answer,) = reserve_all([asked], now)
    if isinstance(answer, Reservation):
        return answer
    raise answer


def reserve_all(asks: Sequence[Ask], now: datetime | None = None) -> list[Answer]:
    """The same of many at once, one after the other as given; a refusal stands in its place."""
    now = now or timezone.now()
    answers: dict[int, Answer] = {}
    left: dict[int, Ask] = {}
    for place, one in enumerate(asks):
        if fault := _fault(one):
            answers[place] = BadReservation(fault)
        else:
            left[place] = one
    answers |= _refused_early(left, now)
    left = {place: one for place, one in left.items() if place not in answers}
    if left:
        answers |= _put_aside(left, now)
    return [answers[place] for place in range(len(asks))]


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


class _Room:
    """What budgets hold, while asks are decided one after the other."""

    def __init__(self, places: Collection[Place], now: datetime) -> None:
        self._now = now
        self._standings = standings_for(places, now)
        self._applying: dict[Place, list[int]] = {}

    def parts(self, one: Ask) -> list[Part]:
        """What it would put aside in each. Raises: OverBudget, BadReservation."""
        parts = []
        for at in self._places(one):
            standing = self._standings[at]
            budget = standing.budget
            amount = one.nano if budget.is_money else one.tokens
            must_hold(standing, amount, self._now)
            if standing.reserved + amount > MOST_COUNTED:
                raise BadReservation(f"More is reserved of “{budget.name}” than can be counted.")
            parts.append((budget.pk, budget.bucket(self._now).isoformat(), amount))
        return parts

    def take(self, one: Ask) -> list[Part]:
        """Put it aside. Raises: as `parts`."""
        parts = self.parts(one)
        for at, (_, _, amount) in zip(self._places(one), parts, strict=True):
            standing = self._standings[at]
            self._standings[at] = replace(standing, reserved=standing.reserved + amount)
        return parts

    def _places(self, one: Ask) -> list[int]:
        known = self._applying.get(one.place)
        if known is None:
            known = self._applying[one.place] = [
                at
                for at, standing in enumerate(self._standings)
                if counts_against(standing.budget, one.place)
            ]
        return known


def _refused_early(asks: Mapping[int, Ask], now: datetime) -> dict[int, Answer]:
    """Without a lock: what cannot pass. What expired is freed first, then it may."""
    refused = _over(asks, now)
    if refused and anything_expired(now):
        expire_due(now)
        refused = _over(asks, now)
    # Looked up after the sums were read: a repeat that they hold stands by now.
    known = _known(asks[place] for place in refused)
    return {
        place: known.get((asks[place].project_id, asks[place].uid), why)
        for place, why in refused.items()
    }


def _over(asks: Mapping[int, Ask], now: datetime) -> dict[int, Answer]:
    room = _Room({one.place for one in asks.values()}, now)
    refused: dict[int, Answer] = {}
    for place, one in asks.items():
        try:
            room.parts(one)
        except (OverBudget, BadReservation) as error:
            refused[place] = error
    return refused


@transaction.atomic
def _put_aside(asks: Mapping[int, Ask], now: datetime) -> dict[int, Answer]:
    places = {one.place for one in asks.values()}
    lock_for(places)
    room = _Room(places, now)
    stands = _known(asks.values())  # a repeat of one that was decided just now
    answers: dict[int, Answer] = {}
    new: dict[Key, Reservation] = {}
    keys: dict[int, Key] = {}
    for place, one in asks.items():
        key = keys[place] = (one.project_id, one.uid or f"res_{secrets.token_hex(12)}")
        if key in stands or key in new:
            continue
        try:
            new[key] = _reservation(one, key[1], room.take(one), now)
        except (OverBudget, BadReservation) as error:
            answers[place] = error
    made = insert_new(new, now)
    if len(made) < len(new):  # a repeat that counts against other budgets was quicker
        stands |= standing_reservations(key for key in new if key not in made)
    stands |= made
    return {place: answers.get(place) or stands[key] for place, key in keys.items()}


def _reservation(one: Ask, uid: str, parts: list[Part], now: datetime) -> Reservation:
    return Reservation(
        project_id=one.project_id, uid=uid, key_id=one.key_id, feature=one.call.feature,
        model=one.call.model, segment=one.call.segment, nano=one.nano, tokens=one.tokens,
        parts=parts, created_at=now, expires_at=now + timedelta(seconds=one.seconds),
    )  # fmt: skip


def _known(asks: Iterable[Ask]) -> dict[Key, Reservation]:
    return standing_reservations((one.project_id, one.uid) for one in asks if one.uid)


def _fault(one: Ask) -> str:
    for name, amount in (("The amount", one.nano), ("The number of tokens", one.tokens)):
        if not 0 <= amount <= MOST:
            return f"{name} must be between 0 and {MOST}."
    if not SHORTEST <= one.seconds <= LONGEST:
        return f"A reservation stands for {SHORTEST} to {LONGEST} seconds."
    return ""
