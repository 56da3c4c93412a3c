"""A burn-down is all in sight in a wide and a narrow place, and no label covers another."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import combinations

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains

from accounts.models import Project
from costs.pages.burn import Change, Drawing, Expected, burn_of
from tests.costs.making import DOLLAR, anomaly, budget
from tests.traces.seeing import call, store

FIRST = date(2026, 11, 1)
NAMES = ("ticket-triage v8", "refund-agent v14", "price of claude-sonnet-4-5", "kb-search step")


def drawn(
    day: int, limit: float | None, low: float, changes: int = 3, a_day: float = 600.0
) -> tuple[Drawing, ...]:
    spent = [(FIRST + timedelta(days=one), round(a_day * DOLLAR)) for one in range(day)]
    total = sum(amount for _, amount in spent)
    ahead = Expected(*(total + round(one * low * DOLLAR) for one in (1000, 900, 1100)))
    marks = [
        Change(datetime(2026, 11, 3 * one + 1, 4, tzinfo=UTC), f"{3 * one + 1} Nov, {name}", "/x/")
        for one, name in enumerate((NAMES * 2)[:changes])
    ]
    return tuple(
        burn_of(
            spent, date(2026, 11, 30), datetime(2026, 11, day, 15, tzinfo=UTC),
            limit=None if limit is None else round(limit * total), expected=ahead, changes=marks,
        ).drawings
    )  # fmt: skip


@pytest.mark.parametrize("day", [1, 4, 12, 20, 27, 30])
@pytest.mark.parametrize("limit", [None, 0.5, 0.97, 1.05, 1.6, 5.0])
@pytest.mark.parametrize("low", [0.0, 1.0, 20.0])
def test_labels_are_in_sight_and_apart(day: int, limit: float | None, low: float) -> None:
    for one in drawn(day, limit, low):
        boxes = [label.box for label in one.labels]
        flags = [(f.left, f.y, f.left + f.width, f.end) for f in one.flags]
        for left, upper, right, lower in [*boxes, *flags]:
            assert left >= 0
            assert upper >= 0
            assert right <= one.shape.width
            assert lower <= one.shape.bottom + 8
        for (a, b, c, d), (e, f, g, h) in combinations([*boxes, *flags], 2):
            assert not (a < g and e < c and b < h and f < d), (one.shape.name, one.labels)


def test_the_narrow_one_holds_the_whole_period_and_says_the_same() -> None:
    wide, narrow = drawn(20, 1.2, 9.0)
    assert narrow.shape.width <= 360
    assert [one.text for one in narrow.labels] == [one.text for one in wide.labels]
    assert narrow.days[-1][1] == "30"
    assert narrow.days[-1][0] == narrow.shape.right


def test_what_finds_no_place_is_listed_beneath() -> None:
    for one in drawn(29, 1.2, 1.0, changes=8):
        assert len(one.flags) + len(one.rest) == 8
        assert one.flags
        assert one.rest


@pytest.mark.django_db
def test_a_change_point_opens_what_changed(owner_client: Client, project: Project) -> None:
    budget(project, limit=10 * DOLLAR, name="All of us")
    store(project, call("t1", cost=4, feature="chat", model="gpt-x"))
    one = anomaly(project, excess=3 * DOLLAR, since=timezone.now())
    page = owner_client.get("/p/support/costs/")
    opened = f'<a href="/p/support/costs/anomalies/{one.pk}/" aria-label='
    assertContains(page, opened, count=2)  # in both drawings


def test_what_changed_on_the_first_day_has_a_flag() -> None:
    for changed in (0.0, 0.3):
        at = datetime(2026, 12, 1, tzinfo=UTC) + timedelta(days=changed)
        one = burn_of(
            [(date(2026, 12, 1), 4 * DOLLAR)], date(2026, 12, 31), at + timedelta(hours=1),
            changes=[Change(at, "1 Dec, chat spike", "/x/")],
        )  # fmt: skip
        assert all(
            [flag.text for flag in each.flags] == ["1 Dec, chat spike"] for each in one.drawings
        )
        assert not any(each.rest for each in one.drawings)
