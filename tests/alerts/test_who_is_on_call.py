"""Who is on call at a moment: turns, clocks that change, who took over, who is away or gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from alerts.oncall import (
    Absence,
    Plan,
    Rotation,
    Stint,
    chain_at,
    shift_at,
    shifts_from,
    who_is_on_call,
)

A, B, C, D, OWNER, DEPUTY = 1, 2, 3, 4, 8, 9
BERLIN = Rotation((A, B, C), 0, 9, 0, "Europe/Berlin", 1, date(2026, 3, 2))
EVERYBODY = frozenset({A, B, C, D, OWNER, DEPUTY})
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday of the first turn


def at(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=UTC)  # type: ignore[arg-type, misc]


def plan(**fields: Any) -> Plan:
    return Plan(EVERYBODY, rotation=BERLIN, **fields)


def asked(given: Plan, now: datetime = NOON) -> list[tuple[int, str]]:
    return [(one.person, one.role) for one in chain_at(given, now).asked]


@pytest.mark.parametrize(
    ("now", "person"),
    [
        (at(2026, 3, 2, 7, 59), C),  # in Berlin it is 8:59: the turn before
        (at(2026, 3, 2, 8, 0), A),
        (at(2026, 3, 9, 7, 59, 59), A),
        (at(2026, 3, 9, 8, 0), B),
        (at(2026, 3, 23, 8, 0), A),
        # Clocks go forward on 29 March: nine in Berlin is seven in UTC from then on.
        (at(2026, 3, 30, 6, 59), A),
        (at(2026, 3, 30, 7, 0), B),
        (at(2026, 10, 26, 7, 59), A),  # and back on 25 October
        (at(2026, 10, 26, 8, 0), B),
    ],
)
def test_turns_hand_over_at_the_clock_where_they_live(now: datetime, person: int) -> None:
    shift = shift_at(BERLIN, now)
    assert shift is not None
    assert shift.person == person
    assert shift.begins <= now < shift.ends


def test_turns_follow_each_other_without_a_gap_through_a_year_of_clocks() -> None:
    for zone, hour in (("Europe/Berlin", 2), ("America/New_York", 2), ("Asia/Kathmandu", 0)):
        rotation = replace(BERLIN, zone=zone, hour=hour, minute=30, weekday=6)
        shifts = shifts_from(rotation, at(2026, 1, 1), 60)
        for one, following in pairwise(shifts):
            assert one.ends == following.begins
            assert following.number == one.number + 1
            assert abs((one.ends - one.begins) - timedelta(days=7)) <= timedelta(hours=1)


def test_a_turn_may_last_weeks_and_starts_on_any_day_of_it() -> None:
    rotation = replace(BERLIN, weeks=2, starts=date(2026, 3, 5))
    found = [shift_at(rotation, NOON + timedelta(weeks=week)) for week in range(6)]
    assert [one.person for one in found if one] == [A, A, B, B, C, C]
    assert shift_at(replace(BERLIN, persons=()), NOON) is None


def test_the_owner_is_asked_then_who_is_on_call_then_the_deputy() -> None:
    assert asked(plan(owner=OWNER, deputy=DEPUTY)) == [
        (OWNER, "owner"), (A, "on call"), (DEPUTY, "deputy"),
    ]  # fmt: skip
    first = plan(owner=OWNER, deputy=A, rotation_first=True)
    assert asked(first) == [(A, "on call"), (OWNER, "owner")]
    assert asked(Plan(EVERYBODY)) == []


def test_who_took_over_is_on_call_and_the_later_word_counts() -> None:
    hour = timedelta(hours=1)
    stints = (Stint(B, NOON - hour, NOON + hour), Stint(C, NOON - hour, NOON))
    assert asked(plan(stints=stints)) == [(B, "on call")]
    assert asked(plan(stints=stints), NOON - hour) == [(C, "on call")]
    assert asked(plan(stints=stints), NOON + hour) == [(A, "on call")]


def test_who_is_away_is_passed_over_and_who_stands_in_is_asked() -> None:
    away = Absence(A, NOON - timedelta(days=1), NOON + timedelta(days=1))
    found = who_is_on_call(plan(absences=(replace(away, stands_in=D),)), NOON)
    assert found is not None
    assert (found.person, found.instead_of) == (D, A)
    chain = chain_at(plan(absences=(away,)), NOON)
    assert [one.person for one in chain.asked] == [B]  # whose turn is next
    assert [(one.person, one.until) for one in chain.skipped] == [(A, away.ends)]
    assert asked(plan(absences=(away,)), away.ends) == [(A, "on call")]


def test_those_who_stand_in_for_each_other_and_are_all_away_end_somewhere() -> None:
    span = (NOON - timedelta(days=1), NOON + timedelta(days=1))
    away = (Absence(A, *span, B), Absence(B, *span, C), Absence(C, *span, A))
    assert who_is_on_call(plan(absences=away), NOON) is None
    assert asked(plan(absences=away, deputy=DEPUTY)) == [(DEPUTY, "deputy")]


def test_who_left_is_passed_over_without_an_end() -> None:
    given = Plan(frozenset({B, DEPUTY}), owner=OWNER, deputy=DEPUTY, rotation=BERLIN)
    chain = chain_at(given, NOON)
    assert [one.person for one in chain.asked] == [B, DEPUTY]
    assert [(one.person, one.until) for one in chain.skipped] == [(OWNER, None), (A, None)]
