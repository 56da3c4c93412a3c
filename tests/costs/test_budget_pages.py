"""Pages of budgets: what they say, who may do what, and that rows cost no queries."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Project, Role, User
from costs.models import Budget
from costs.services.watching import watch_budgets
from tests.costs.making import DOLLAR, budget
from tests.factories import make_user
from tests.traces.seeing import call, store

pytestmark = pytest.mark.django_db
AT = "/p/support/costs/budgets/"
WHY = [
    ({"limit": "0"}, "above 0"), ({"limit": "much"}, "number"), ({"value": ""}, "which feature"),
    ({"period": "rolling"}, "Rolling hours"), ({"limit": "1e99"}, "digits"),
]  # fmt: skip
NEW = {
    "name": "Chat of a month", "scope": "feature", "value": "chat", "limit": "12.50",
    "unit": "money", "period": "month", "is_hard": "on",
}  # fmt: skip


def test_a_budget_is_made_and_shown_with_what_is_spent(
    owner_client: Client, project: Project
) -> None:
    assertContains(owner_client.get(AT), "No budget yet")
    made = owner_client.post(AT, NEW)
    assert made.status_code == 303
    (mine,) = Budget.objects.all()
    assert (mine.limit, mine.is_hard, mine.value) == (12_500_000_000, True, "chat")
    store(project, call("t1", cost=10.5, feature="chat", ago=1))
    watch_budgets()
    for page in (owner_client.get(AT), owner_client.get(made["Location"])):
        for said in ("Chat of a month", "$10.50", "$12.50", "84%", "the feature chat"):
            assertContains(page, said)
    page = owner_client.get(made["Location"])
    assertContains(page, 'class="chart burn"')
    assertContains(page, "80% was spent")
    piece = owner_client.get(AT, headers={"HX-Request": "true"})
    assertNotContains(piece, "<h1")


@pytest.fixture
def viewer_client(project: Project) -> Client:
    client = Client()
    client.force_login(
        make_user("vera@example.com", organization=project.organization, role=Role.VIEWER)
    )
    return client


@pytest.mark.parametrize(("said", "why"), WHY)
def test_odd_forms_come_back_with_the_reason(
    owner_client: Client, project: Project, said: dict[str, str], why: str
) -> None:
    page = owner_client.post(AT, NEW | said)
    assertContains(page, why, status_code=422)
    assert not Budget.objects.exists()


def test_who_may_what(owner_client: Client, viewer_client: Client, project: Project) -> None:
    mine = budget(project)
    one = f"{AT}{mine.pk}/"
    for act in ("drill/", "switch/", "delete/", "raise/"):
        assert viewer_client.post(f"{one}{act}").status_code == 403
    assert viewer_client.post(AT, NEW).status_code == 403
    page = viewer_client.get(one)
    assertNotContains(page, "Run a drill")
    assertNotContains(page, "Ask for a raise")
    assert owner_client.post(f"{one}drill/").status_code == 303
    assertContains(owner_client.get(one), "a drill was run")
    owner_client.post(f"{one}switch/")
    assertContains(owner_client.get(one), "Switch on")
    owner_client.post(f"{one}delete/")
    assert owner_client.get(one).status_code == 404


def test_a_raise_is_asked_for_and_approved_by_another(
    owner_client: Client, member_client: Client, project: Project, alice: User, bob: User
) -> None:
    mine = budget(project, alice, owner=alice)
    one = f"{AT}{mine.pk}/"
    member_client.post(f"{one}raise/", {"limit": "3", "reason": "The launch"})
    asked = member_client.get(one)
    assertContains(asked, "The launch")
    assertNotContains(asked, "Approve")
    assert member_client.post(f"{one}decide/", {"act": "approve"}).status_code == 409
    assertContains(owner_client.get(one), "Approve")
    owner_client.post(f"{one}decide/", {"act": "approve"})
    mine.refresh_from_db()
    assert mine.limit == 3 * DOLLAR


def test_rows_cost_no_queries(
    owner_client: Client, project: Project, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        budget(project, name=f"B{number}", scope="feature", value=f"f{number}")
    owner_client.get(AT)
    with django_assert_max_num_queries(22):
        owner_client.get(AT)
    with django_assert_max_num_queries(20):
        owner_client.get(f"{AT}{Budget.objects.latest('pk').pk}/")
