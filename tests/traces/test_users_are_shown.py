"""Users by cost, traces, errors and last seen; what one did day by day: all as the traces say."""

from __future__ import annotations

import random
import re
from datetime import UTC, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains

from accounts.models import Project, Role
from tests.factories import make_user
from tests.traces.seeing import call, store
from traces.feedback.given import GivenScore
from traces.ingest.record import Level
from traces.models import Trace
from traces.queries.users import ORDERS, days_of_user, list_users, total_of, whole_days
from traces.rollups.users import count_users
from traces.services.scores import record_scores

pytestmark = pytest.mark.django_db
LIST = "/p/support/users/"


def count(project: Project) -> None:
    """What the settled look does about users."""
    ids = list(Trace.objects.filter(project_id=project.pk).values_list("trace_id", flat=True))
    with connection.cursor() as cursor:
        count_users(cursor.cursor, [[project.pk] * len(ids), ids])


@pytest.fixture
def busy(project: Project) -> Project:
    """Three hundred traces of forty days, of sixty users and of nobody."""
    chance = random.Random(3)
    store(
        project,
        *(
            call(
                f"t{number}",
                ago=60 + chance.randrange(40 * 86_400),
                lasts=chance.choice((1, 2, 9)),
                session_id=f"s{number // 3}",
                user_id=chance.choice([None, *(f"u/{n}" for n in range(60))]),
                environment=chance.choice(("production", "staging", "sdk-experiment")),
                level=chance.choice((Level.DEFAULT, Level.DEFAULT, Level.ERROR)),
                cost=chance.choice((None, 0.01, 0.25)),
                model=chance.choice(("gpt-4o", "unknown-model")),
            )
            for number in range(300)
        ),
    )
    count(project)
    return project


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(("days", "environment"), [(7, ""), (30, "*"), (30, "staging")])
def test_the_list_is_what_the_traces_add_up_to(
    busy: Project, order: str, days: int, environment: str
) -> None:
    since = timezone.now() - timedelta(days=days)
    low, high = whole_days(since, None)
    found = Trace.objects.filter(project_id=busy.pk, start_time__gte=low, start_time__lt=high)
    found = found.exclude(user_id=None)
    if environment != "*":
        found = (
            found.filter(environment=environment)
            if environment
            else found.exclude(environment="sdk-experiment")
        )
    sums: dict[str, list[int]] = {}
    for trace in found:
        assert trace.user_id is not None
        one = sums.setdefault(trace.user_id, [0, 0, 0, 0])
        for place, value in enumerate(
            (trace.cost_nano, 1, trace.error_count > 0, trace.tokens_in + trace.tokens_out)
        ):
            one[place] += value
    seen, pages = {}, []
    while True:
        page = list_users(
            busy.pk, since, None, environment=environment, order=order, skip=len(seen), limit=25
        )
        assert page.users == len(sums) or not page.rows
        if not page.rows:
            break
        pages += page.rows
        seen |= {u.user_id: [u.cost_nano, u.traces, u.errors, u.tokens or 0] for u in page.rows}
    assert seen == sums
    column = {"cost": "cost_nano", "traces": "traces", "errors": "errors"}.get(order)
    if column:
        values = [getattr(user, column) for user in pages]
        assert values == sorted(values, reverse=True)


def test_last_seen_is_the_newest_trace(busy: Project) -> None:
    page = list_users(busy.pk, timezone.now() - timedelta(days=30), None, order="seen")
    seen = [user.last_at for user in page.rows]
    for user in page.rows:
        newest = Trace.objects.filter(project_id=busy.pk, user_id=user.user_id).exclude(
            environment="sdk-experiment"
        )
        assert user.last_at == newest.latest("start_time").start_time
    days = [at.astimezone(UTC).date() for at in seen if at]
    assert len(seen) == 50
    assert days == sorted(days, reverse=True)


def test_the_days_of_one_add_up_and_link_to_their_traces(
    busy: Project, member_client: Client
) -> None:
    user = list_users(busy.pk, timezone.now() - timedelta(days=30), None).rows[0]
    since = timezone.now() - timedelta(days=30)
    total = total_of(days_of_user(busy.pk, user.user_id, since, None))
    assert total is not None
    assert (total.cost_nano, total.traces) == (user.cost_nano, user.traces)
    html = member_client.get(f"/p/support/users/{user.user_id}/?t=30d").content.decode()
    days = re.findall(r'<th scope="row"><a href="([^"]+)">\d+ \w+</a></th><td[^>]*>(\d+)<', html)
    assert sum(int(number) for _, number in days) == user.traces
    for href, number in days[:3]:
        listed = member_client.get(href.replace("&amp;", "&")).content.decode()
        assert len(re.findall(r'title="t\d+"', listed)) == int(number)
    assert "gpt-4o" in html or "unknown-model" in html


def test_the_page_shows_what_users_said(project: Project, member_client: Client) -> None:
    store(project, call("a", user_id="anna", session_id="s"), call("b", user_id="anna"))
    count(project)
    record_scores(project.pk, [GivenScore("thumbs", False, trace_id="a", source="user")])
    html = member_client.get("/p/support/users/anna/").content.decode()
    assert "1 down" in html
    assert "/p/support/sessions/s/" in html


def test_ids_stay_as_they_came(project: Project, member_client: Client) -> None:
    evil = "<b>a/b?c</b> & d"
    store(project, call("a", user_id=evil))
    count(project)
    html = member_client.get(LIST).content.decode()
    assert evil not in html
    (href,) = set(re.findall(r'href="(/p/support/users/%3C[^"]+)"', html))
    assertContains(member_client.get(href.replace("&amp;", "&")), "a/b?c")


def test_the_kinds_of_nothing_and_bad_parameters(project: Project, member_client: Client) -> None:
    assertContains(member_client.get(LIST), "No traces yet")
    store(project, call("a"))
    assertContains(member_client.get(LIST), "No users in this range")
    assertContains(member_client.get(f"{LIST}?q=x"), "No user matches")
    assertContains(member_client.get(f"{LIST}?t=90d"), "Users are shown for up to 30 days.")
    assert member_client.get(f"{LIST}?sort=x&from=x&q=%00").status_code == 200
    missing = member_client.get("/p/support/users/nobody/")
    assertContains(missing, "No trace names this user", status_code=404)


def test_who_may_look(project: Project, stranger_client: Client) -> None:
    store(project, call("a", user_id="anna"))
    viewer = Client()
    viewer.force_login(make_user("v@x.org", organization=project.organization, role=Role.VIEWER))
    for address in (LIST, f"{LIST}anna/"):
        assert viewer.get(address).status_code == 200
        assert stranger_client.get(address).status_code == 404


def test_the_queries_do_not_grow(
    busy: Project, member_client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    member_client.get(LIST)
    with django_assert_num_queries(10):
        member_client.get(f"{LIST}?t=30d")
    with django_assert_num_queries(31):
        member_client.get("/p/support/users/u/1/?t=30d")
