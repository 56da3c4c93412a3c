"""The overview of costs: its figures are those of the roll-ups, and each opens its evidence."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Project
from costs.models import Anomaly
from costs.queries.days import days_of
from costs.queries.dimensions import DIMENSIONS
from costs.queries.months import month_of
from costs.queries.spending import spend_by
from tests.costs.making import DOLLAR, anomaly, budget
from tests.traces.seeing import call, store

pytestmark = pytest.mark.django_db
AT = "/p/support/costs/"


def spend(project: Project) -> None:
    store(
        project,
        call("t1", cost=4, feature="chat", model="gpt-x", in_cached=300, prompt_name="greet",
             prompt_version="2"),
        call("t2", cost=1.5, feature="search", model="gpt-y"),
        call("t3", cost=0.25),
        call("t4", feature="chat", model="nobody-knows"),
    )  # fmt: skip


def test_the_month_is_told_by_each_dimension(member_client: Client, project: Project) -> None:
    assertContains(member_client.get(AT), "Nothing was spent")
    spend(project)
    page = member_client.get(AT)
    for said in ("$5.75", "chat", "$4.00", "search", "Not attributed", "1 model needs prices"):
        assertContains(page, said)
    assertContains(page, "/p/support/costs/unattributed/")
    assertContains(page, "feature=chat")
    models = member_client.get(f"{AT}?by=model", headers={"HX-Request": "true"})
    assertContains(models, "gpt-x")
    assertNotContains(models, "<h1")
    assertContains(member_client.get(f"{AT}?by=prompt"), "greet v2")
    for odd in ("?t=2026-99", "?m=9999-12", "?by=planet", "?t=%00", "?t=0001-01", "?t=90d"):
        assert member_client.get(f"{AT}{odd}").status_code == 200


def test_the_budget_of_the_month_is_burned_down(owner_client: Client, project: Project) -> None:
    budget(project, limit=10 * DOLLAR, name="All of us")
    spend(project)
    page = owner_client.get(AT)
    for said in ('class="chart burn"', "All of us", "57.5%", "$10.00 budget", "Today $5.75"):
        assertContains(page, said)


def test_what_the_cache_saved_is_money(member_client: Client, project: Project) -> None:
    store(project, call("t1", model="gpt-4o", provider="openai", in_uncached=0, in_cached=10**6,
                        feature="chat"))  # fmt: skip
    page = member_client.get(AT)
    assertContains(page, "$1.25")  # 2.50 less the 1.25 of cached ones
    assertContains(page, "hit rate 100%")
    store(project, call("t2", model="nobody-knows", in_cached=500))
    assertContains(member_client.get(AT), "500 cached tokens have no price")


def test_what_changed_names_causes_and_what_to_do(
    owner_client: Client, member_client: Client, project: Project
) -> None:
    spend(project)
    assertContains(owner_client.get(AT), "Nothing is far from what was to be expected.")
    one = anomaly(project, excess=3 * DOLLAR)
    page = owner_client.get(AT)
    for said in (
        "$3.00", "above expected since", "One cause explains 90% of it.", "chat with gpt-x",
        "alerts/rules/new/?metric=cost", "scope=feature&amp;value=chat#new", "Acknowledge",
        "q=feature%3A%22chat%22%20model%3A%22gpt-x%22",
    ):  # fmt: skip
        assertContains(page, said)
    assert owner_client.post(f"{AT}anomalies/{one.pk}/known/").status_code == 303
    one.refresh_from_db()
    assert (one.state, one.acknowledged_at is not None) == (Anomaly.State.OPEN, True)
    page = owner_client.get(AT)
    assertContains(page, " knows</span>")
    assertNotContains(page, "Acknowledge")


def test_days_are_compared_with_as_many_before(project: Project) -> None:
    month = month_of("2026-03", date(2026, 3, 12))
    assert (month.days, month.is_running) == (12, True)
    assert month_of("2026-04", date(2026, 4, 30)).is_running, "on its last day, too"
    running = days_of("month", date(2026, 3, 12))
    assert (running.before_start, running.before_until) == (date(2026, 2, 1), date(2026, 2, 13))
    whole = days_of("2026-03", date(2026, 5, 1))
    assert (whole.count, whole.before_until, whole.text) == (31, date(2026, 3, 1), "2026-03")
    assert month_of("2027-01", date(2026, 5, 2)).start == date(2026, 5, 1)
    week = days_of("7d", date(2026, 3, 12))
    assert (week.count, week.start, week.before_start) == (7, date(2026, 3, 6), date(2026, 2, 27))
    spend(project)
    for text in ("month", "7d"):
        days = days_of(text, datetime.now(UTC).date())
        (dearest, *_) = spend_by(project.pk, days, DIMENSIONS["feature"])
        assert (dearest.key, dearest.cost, dearest.unpriced) == (("chat",), 4 * DOLLAR, 1)


def test_rows_cost_no_queries(
    member_client: Client, project: Project, django_assert_max_num_queries: Any
) -> None:
    budget(project)
    for number in range(5):
        anomaly(project, since=timezone.now() - timedelta(hours=5 + number))
    store(project, *(call(f"t{n}", cost=1, feature=f"f{n}", model=f"m{n}") for n in range(20)))
    member_client.get(AT)
    with django_assert_max_num_queries(22):
        member_client.get(f"{AT}?t=90d")
