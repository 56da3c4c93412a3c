"""The overview of costs: its figures are those of the roll-ups, and each opens its evidence."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Project
from costs.queries.months import month_of, spend_by
from tests.costs.making import DOLLAR, budget
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


def test_the_month_is_told_by_feature_model_and_prompt(
    member_client: Client, project: Project
) -> None:
    assertContains(member_client.get(AT), "Nothing was spent")
    spend(project)
    page = member_client.get(AT)
    for said in ("$5.75", "chat", "$4.00", "search", "Not attributed", "25%", "Without a price"):
        assertContains(page, said)
    assertContains(page, "/p/support/features/rules/")
    assertContains(page, "q=feature%3A%22chat%22")
    models = member_client.get(f"{AT}?by=model", headers={"HX-Request": "true"})
    assertContains(models, "gpt-x")
    assertNotContains(models, "<h1")
    assertContains(member_client.get(f"{AT}?by=prompt"), "greet v2")
    for odd in ("?m=2026-99", "?m=9999-12", "?by=planet", "?m=%00", "?m=0001-01"):
        assert member_client.get(f"{AT}{odd}").status_code == 200


def test_the_budget_of_the_month_is_burned_down(owner_client: Client, project: Project) -> None:
    budget(project, limit=10 * DOLLAR, name="All of us")
    spend(project)
    page = owner_client.get(AT)
    for said in ('class="burn"', "All of us", "57.5%"):
        assertContains(page, said)


def test_the_file_has_exact_amounts_and_no_formula(member_client: Client, project: Project) -> None:
    spend(project)
    store(project, call("t5", cost=0.000000001, feature="=cmd()"))
    answer = member_client.get(f"{AT}export/?by=feature")
    rows = list(csv.DictReader(answer.content.decode().splitlines()))
    assert {row["feature"]: row["cost_usd"] for row in rows} == {
        "chat": "4", "search": "1.5", "": "0.25", "'=cmd()": "0.000000001",
    }  # fmt: skip
    assert sum(int(row["requests"]) for row in rows) == 5


def test_a_month_is_compared_with_the_same_days_of_the_one_before(project: Project) -> None:
    month = month_of("2026-03", date(2026, 3, 12))
    assert (month.days, month.is_running) == (12, True)
    assert month_of("2026-04", date(2026, 4, 30)).is_running, "on its last day, too"
    assert (month.before.start, month.before.until) == (date(2026, 2, 1), date(2026, 2, 13))
    whole = month_of("2026-03", date(2026, 5, 1))
    assert (whole.days, whole.is_running) == (31, False)
    assert whole.before.until == date(2026, 3, 1)
    assert month_of("2027-01", date(2026, 5, 2)).start == date(2026, 5, 1)
    today = datetime.now(UTC).date()
    spend(project)
    (dearest, *_) = spend_by(project.pk, month_of("", today), "feature")
    assert (dearest.key, dearest.cost, dearest.unpriced) == (("chat",), 4 * DOLLAR, 1)


def test_rows_cost_no_queries(
    member_client: Client, project: Project, django_assert_max_num_queries: Any
) -> None:
    budget(project)
    store(project, *(call(f"t{n}", cost=1, feature=f"f{n}", model=f"m{n}") for n in range(20)))
    member_client.get(AT)
    with django_assert_max_num_queries(20):
        member_client.get(AT)
