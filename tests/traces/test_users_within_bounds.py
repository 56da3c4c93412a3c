"""Of older days the dearest users stand apart, the others are one row, and all sums stay right."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from accounts.models import Project
from tests.traces.stored import NOON, SECOND, connect, fetch, open_store, rows, span
from tests.traces.test_figures_by_user import at_once, from_traces, settle
from traces.queries.active_users import users_by_day
from traces.queries.users import list_users
from traces.rollups.user_bound import EXACT_DAYS, bound_users
from traces.rollups.users import compare_users, fold_users
from traces.services.deletion import delete_traces

pytestmark = pytest.mark.django_db(transaction=True)
_ = at_once  # used by every test here as well
USED: dict[str, Any] = {"model": "gpt-4o", "in_uncached": 10}
DAY = datetime.fromtimestamp(NOON // SECOND, UTC).date()
LATER = DAY + timedelta(days=EXACT_DAYS + 1)


def spend(project: Project, user: str, dollars: float, trace_id: str = "") -> None:
    record = span("s", trace_id or f"t-{user}", user_id=user, cost_given={"total": dollars}, **USED)
    with open_store() as store:
        store.write(rows(record, project_id=project.pk))
    settle()


def bounded(today: date = LATER) -> int:
    with connect() as link:
        fold_users(link)
        return bound_users(link, today, most=2)


def compared() -> tuple[int, int]:
    with connect() as link:
        return compare_users(link, DAY)


def by_user() -> dict[str, tuple[int, int]]:
    query = (
        "select user_id, sum(traces)::int, (sum(cost_nano) / 1000000000)::int from user_day "
        "group by 1 having sum(traces) <> 0 or sum(cost_nano) <> 0"
    )
    return {user: (traces, cost) for user, traces, cost in fetch(query)}


def total() -> tuple[int, int]:
    [(traces, cost)] = fetch("select sum(traces)::int, sum(cost_nano)::int8 from user_day")
    return traces, cost


def test_the_dearest_stand_apart_and_nothing_is_lost(project: Project) -> None:
    for user, dollars in (("anna", 5), ("bert", 4), ("carl", 3), ("dora", 2), ("emil", 1)):
        spend(project, user, dollars)
    before = total()
    assert bounded(DAY + timedelta(days=EXACT_DAYS)) == 0, "the last days hold everybody"
    assert bounded() == 3
    assert by_user() == {"anna": (1, 5), "bert": (1, 4), "": (3, 6)}
    assert (bounded(), total(), compared()) == (0, before, (0, 0))
    [day] = users_by_day(project.pk, DAY, DAY + timedelta(days=1))
    assert (day.users, day.cost_nano) == (5, 15 * 10**9)
    listed = list_users(project.pk, datetime(2026, 11, 20, tzinfo=UTC), None)
    assert [row.user_id for row in listed.rows] == ["anna", "bert"]


def test_what_comes_later_goes_where_its_user_is(project: Project) -> None:
    for user, dollars in (("anna", 5), ("bert", 4), ("carl", 3)):
        spend(project, user, dollars)
    assert bounded() == 1
    spend(project, "carl", 2, "late")
    spend(project, "anna", 1, "late too")
    assert compared() == (0, 0)
    assert bounded() == 0
    assert by_user() == {"anna": (2, 6), "bert": (1, 4), "": (2, 5)}
    delete_traces(project.pk, ["t-carl", "t-bert"])
    assert bounded() == 0
    assert by_user() == {"anna": (2, 6), "": (1, 2)}
    assert compared() == (0, 0)
    assert sum(row[4] for row in from_traces()) == total()[0]


@pytest.mark.parametrize("who", ["anna", ""])
def test_a_folded_day_is_repaired(project: Project, who: str) -> None:
    for user, dollars in (("anna", 5), ("bert", 4), ("carl", 3)):
        spend(project, user, dollars)
    bounded()
    before = by_user()
    with connect() as link:
        link.execute("update user_day set cost_nano = 1 where user_id = %s", [who])
    assert compared() == (1, 0)
    assert compared() == (0, 0)
    bounded()
    assert by_user() == before
