"""Pages and REST of plans: made by a form, compared, changed; what is odd is refused in words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Project, Role
from costs.models import Plan
from costs.services.plans import create_plan
from tests.costs.test_plans import AT, TODAY, draft, prices
from tests.factories import make_user
from tests.traces.seeing import call, store

pytestmark = pytest.mark.django_db
__all__ = ["prices"]
NEW = {
    "name": "Answers of spring", "feature": "answers", "models": "big\nsmall\nnobody @ nowhere",
    "priced_on": TODAY.isoformat(), "launch": (TODAY + timedelta(days=10)).isoformat(),
    "horizon": "200", "users": "500", "per_user": "2", "growth": "percent", "amount": "20",
    "week": "100,100,100,100,100,20,20", "steps": "", "in_uncached": "1000", "out_text": "250",
    "tolerance": "25", "limit": "200", "period": "month", "cached": "30",
}  # fmt: skip


@pytest.fixture
def viewer_client(project: Project) -> Client:
    client = Client()
    client.force_login(
        make_user("vera@example.com", organization=project.organization, role=Role.VIEWER)
    )
    return client


def test_a_plan_is_made_by_a_form_and_shown(owner_client: Client, project: Project) -> None:
    assertContains(owner_client.get(AT), "No plan yet")
    assertContains(owner_client.get(f"{AT}new/"), "What the feature will cost")
    made = owner_client.post(f"{AT}new/", NEW)
    assert made.status_code == 303, made.content.decode()[-3000:]
    page = owner_client.get(made["Location"])
    for said in ("breaks on", "The range is", "cheaper", "provider nowhere", "requests a day",
                 "growing 20 % a week", "30 % of the input", "give or take 25 %"):  # fmt: skip
        assertContains(page, said)
    assertContains(owner_client.get(AT), "Answers of spring")
    edit = f"{made['Location']}edit/"
    assertContains(owner_client.get(edit), 'value="answers"')
    again = {**NEW, "users": "", "per_day": "5", "steps": "2099-01 5\n", "note": "less"}
    changed = owner_client.post(edit, again)
    assert changed.status_code == 303
    page = owner_client.get(made["Location"])
    assertContains(page, "never breaks within these 200 days")
    assertContains(page, "Version 2")
    assertContains(owner_client.get(f"{made['Location']}?v=1"), "The newest is 2")
    for odd in ("?v=9", "?v=x", "?v=%00"):
        assert owner_client.get(f"{made['Location']}{odd}").status_code == 404
    piece = owner_client.get(made["Location"], headers={"HX-Request": "true"})
    assertNotContains(piece, "<h1")
    assert owner_client.post(f"{made['Location']}delete/").status_code == 303
    assert owner_client.get(made["Location"]).status_code == 404


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"models": ""}, "required"), ({"week": "many"}, "seven whole weights"),
        ({"steps": "soon 5"}, "a date and a number"), ({"per_day": "5"}, "not both"),
        ({"users": "", "per_day": ""}, "how many requests"), ({"per_user": ""}, "a user makes"),
        ({"in_uncached": "", "out_text": ""}, "say the tokens"), ({"limit": "1e99"}, "digits"),
        ({"experiment": "77"}, "valid choice"), ({"name": "a\x00"}, "Null"),
        ({"horizon": "9" * 30}, "7 to 1,098"), ({"launch": "0001-01-01"}, "between 2020"),
        ({"steps": "2030-01 NaN"}, "0 or more"), ({"models": "a\n" * 9}, "to 4"),
    ],
)  # fmt: skip
def test_odd_forms_come_back_with_the_reason(
    owner_client: Client, project: Project, said: dict[str, str], why: str
) -> None:
    answer = owner_client.post(f"{AT}new/", NEW | said)
    assertContains(answer, why, status_code=422)


def test_viewers_read_and_make_nothing(viewer_client: Client, project: Project) -> None:
    made = create_plan(project, name="A", draft=draft(), actor=None)
    page = viewer_client.get(f"{AT}{made.pk}/")
    assertContains(page, "breaks on")
    assertNotContains(page, "Delete")
    for at in ("new/", f"{made.pk}/edit/"):
        assert viewer_client.get(f"{AT}{at}").status_code == 403
    assert viewer_client.post(f"{AT}{made.pk}/delete/").status_code == 403


def test_after_the_launch_it_stands_against_reality(
    member_client: Client, project: Project
) -> None:
    launch = TODAY - timedelta(days=20)
    made = create_plan(project, name="A", draft=draft(launch=launch), actor=None)
    assertContains(member_client.get(f"{AT}{made.pk}/"), "Nothing of the feature arrived")
    store(project, call("t1", cost=50, feature="answers", ago=86_400 * 2))
    page = member_client.get(f"{AT}{made.pk}/")
    for said in ("Against reality", "$50.00 were spent in 20 days", "less"):
        assertContains(page, said)


def test_plans_over_rest(owner_client: Client, viewer_client: Client, project: Project) -> None:
    at, ask = "/api/v1/costs/plans", "?project=support"
    terms = {
        "feature": "answers", "launch": TODAY.isoformat(), "priced_on": TODAY.isoformat(),
        "models": [{"model": "big"}, {"model": "small"}], "per_day": "1000", "per_user": "2",
        "tokens": {"in_uncached": 1000, "out_text": 250}, "limit_usd": "200",
        "steps": [{"day": "2099-01-01", "per_day": 5}],
    }  # fmt: skip
    body = {"name": "A", "terms": terms}
    assert viewer_client.post(f"{at}{ask}", body, "application/json").status_code == 403
    made = owner_client.post(f"{at}{ask}", body, "application/json")
    assert made.status_code == 201, made.content
    said = made.json()
    big, small = said["models"]
    assert (big["per_request_usd"], small["per_request_usd"]) == ("0.004", "0.0004")
    assert said["budget_usd"] == "200"
    assert big["holds_requests_a_day"] == int(200 / 30.4375 / 0.004)
    one = f"{at}/{said['id']}{ask}"
    assert viewer_client.get(one).json()["models"] == said["models"]
    changed = owner_client.put(one, {**body, "note": "again"}, "application/json").json()
    assert (changed["version"], changed["note"]) == (2, "again")
    assert viewer_client.get(f"{one}&version=1").json()["version"] == 1
    assert viewer_client.get(f"{one}&version=7").status_code == 404
    (row,) = viewer_client.get(f"{at}{ask}").json()["data"]
    assert row["first_30_days"]["usd"] == "120"
    for odd in (
        {"tokens": {"x": 1}}, {"tokens": {"in_uncached": 10**30}}, {"week": [1] * 9},
        {"per_day": "NaN"}, {"feature": "\ud800"}, {"feature": "a\x00b"}, {"models": []},
        {"models": "big"}, {"horizon": 10**40}, {"steps": [{"day": "x"}]}, {"budget": 10**30},
        {"experiment": 10**30}, {"launch": "9999-99-99"},
    ):  # fmt: skip
        answer = owner_client.post(
            f"{at}{ask}", {"name": "B", "terms": terms | odd}, "application/json"
        )
        assert answer.status_code == 400, odd
    assert owner_client.delete(one).status_code == 204
    assert owner_client.get(one).status_code == 404


def test_rows_cost_no_queries(
    member_client: Client, project: Project, django_assert_max_num_queries: Any
) -> None:
    for place in range(8):
        create_plan(project, name=f"P{place}", draft=draft(), actor=None)
    member_client.get(AT)
    with django_assert_max_num_queries(12):
        member_client.get(AT)
    pk = Plan.objects.latest("pk").pk
    with django_assert_max_num_queries(14):
        member_client.get(f"{AT}{pk}/")
