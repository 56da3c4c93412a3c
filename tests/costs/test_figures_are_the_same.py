"""What one page says of spend, another says too; and what is not so is not said."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Project
from costs.models import Budget, GoodEnd
from costs.pages.budget import expected_of
from costs.pages.changes import grown
from costs.queries.budgets import standings
from costs.services.outcomes import choose_good_end
from costs.services.watching import watch_budgets
from tests.costs.making import DOLLAR, anomaly, budget
from tests.traces.seeing import call, store
from traces.query.compiling import PLATFORM_FEATURE

pytestmark = pytest.mark.django_db
AT = "/p/support/costs/"


def test_no_forecast_is_below_what_is_spent(owner_client: Client, project: Project) -> None:
    made = budget(project, limit=10 * DOLLAR, name="All of us")
    store(project, call("t1", cost=4, feature="chat", model="gpt-x"))
    watch_budgets()
    low, high = 3 * DOLLAR, 5 * DOLLAR
    Budget.objects.filter(pk=made.pk).update(
        forecast=4 * DOLLAR - 10_000_000, forecast_low=low, forecast_high=high
    )
    (standing,) = standings(list(Budget.objects.all()), datetime.now(UTC))
    ahead = expected_of(standing)
    assert ahead is not None
    assert (ahead.total, ahead.low, ahead.high) == (4 * DOLLAR, 4 * DOLLAR, high)
    for page in (f"{AT}budgets/", f"{AT}budgets/{made.pk}/"):
        assertNotContains(owner_client.get(page), "$3.99")


def test_a_growth_from_almost_nothing_is_not_told_in_times() -> None:
    assert grown(757_258.0) == "over 1,000 × as much"
    assert (grown(6.0), grown(0.12), grown(-0.06)) == ("7 × as much", "+12%", "−6%")


def test_a_budget_opens_its_traces_and_what_changed(owner_client: Client, project: Project) -> None:
    made = budget(project, limit=10 * DOLLAR, scope="feature", value="chat")
    store(project, call("t1", cost=4, feature="chat", model="gpt-x"))
    one = anomaly(project, excess=3 * DOLLAR, since=timezone.now())
    other = anomaly(project, excess=3 * DOLLAR, feature="search", since=timezone.now())
    page = owner_client.get(f"{AT}budgets/{made.pk}/")
    assertContains(page, "&amp;feature=chat")
    assertContains(page, f"{AT}anomalies/{one.pk}/")
    assertNotContains(page, f"{AT}anomalies/{other.pk}/")


def test_a_model_whose_failed_calls_say_no_tokens_needs_no_price(
    member_client: Client, project: Project
) -> None:
    store(project, call("t1", model="gpt-4o", provider="openai", feature="chat"))
    empty = dict.fromkeys(("in_uncached", "out_text"), None)
    store(project, call("t2", model="never-heard", feature="chat", **empty))
    page = member_client.get(AT)
    assertNotContains(page, "needs prices")


def test_a_good_end_of_a_feature_alone_is_told(owner_client: Client, project: Project) -> None:
    store(project, call("t1", cost=4, feature="chat", model="gpt-x"))
    assertContains(owner_client.get(f"{AT}units/"), "Nothing is chosen")
    choose_good_end(project, feature="chat", kind=GoodEnd.Kind.OUTCOME, name="resolved", actor=None)
    page = owner_client.get(f"{AT}units/")
    assertNotContains(page, "Nothing is chosen")
    assertContains(page, "A good end is the outcome resolved for chat")


def test_what_evaluates_has_one_name_on_all_pages(owner_client: Client, project: Project) -> None:
    store(project, call("t1", cost=4, feature=PLATFORM_FEATURE, model="gpt-x"))
    anomaly(project, feature=PLATFORM_FEATURE, since=timezone.now())
    for page in ("", "spend/", "units/", "anomalies/"):
        assertContains(owner_client.get(f"{AT}{page}"), "Judges and evals")
