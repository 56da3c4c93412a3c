"""Spend by one dimension: the same figure on the page, in the file and in the list of traces."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import ApiKey, Project
from costs.queries.days import days_of
from costs.queries.dimensions import DIMENSIONS
from costs.queries.spending import spend_by, sum_of
from tests.costs.making import DOLLAR
from tests.traces.seeing import call, store
from tests.traces.test_users_are_shown import count
from traces.ingest.pipeline import prepare_records
from traces.ingest.wire.decode import Decoded
from traces.ingest.writer.store import Store
from traces.queries.criteria import Criteria
from traces.queries.lists import list_traces

pytestmark = pytest.mark.django_db
AT = "/p/support/costs/spend/"
BY = ("feature", "user", "model", "prompt", "environment", "segment", "key", "route")


def spend(project: Project) -> None:
    store(
        project,
        call("t1", cost=4, feature="chat", model="gpt-x", user_id="ann", prompt_name="greet",
             prompt_version="2", environment="production"),
        call("t2", cost=1.5, feature="search", model="gpt-y", user_id="bob",
             environment="staging"),
        call("t3", cost=0.25, model="gpt-x"),
    )  # fmt: skip
    count(project)


def rows_of(client: Client, query: str) -> list[dict[str, str]]:
    """The rows of the file."""
    answer = client.get(f"/p/support/costs/export/?{query}")
    return list(csv.DictReader(answer.content.decode().splitlines()))


@pytest.mark.parametrize("by", BY)
def test_every_dimension_comes_to_the_same(
    member_client: Client, project: Project, by: str
) -> None:
    spend(project)
    days = days_of("7d", datetime.now(UTC).date())
    rows = spend_by(project.pk, days, DIMENSIONS[by])
    assert sum_of(rows).cost == 5_750_000_000
    assert sum(sum(row.by_day.values()) for row in rows) == 5_750_000_000
    assert sum(Decimal(row["cost_usd"]) for row in rows_of(member_client, f"by={by}&t=7d")) == (
        Decimal("5.75")
    )
    for page in (AT, "/p/support/costs/"):
        assertContains(member_client.get(f"{page}?by={by}&t=7d"), "$5.75")
    since, until = (
        datetime.combine(day, datetime.min.time(), UTC) for day in (days.start, days.until)
    )
    listed = list_traces(project.pk, Criteria(since=since, until=until)).rows
    assert sum(one.cost_nano or 0 for one in listed) == 5_750_000_000


def test_each_row_opens_its_own_traces_and_its_own_page(
    member_client: Client, project: Project
) -> None:
    spend(project)
    page = member_client.get(f"{AT}?by=feature&t=7d").content.decode()
    assert "by=model&amp;t=7d&amp;feature=chat" in page
    (listed,) = re.findall(r'href="(/p/support/traces/\?[^"]*feature=chat[^"]*)"', page)
    traces = member_client.get(listed.replace("&amp;", "&"), follow=True)
    assertContains(traces, "t1")
    assertNotContains(traces, "/traces/t2/")
    narrowed = member_client.get(f"{AT}?by=model&t=7d&feature=chat")
    for said in ("Feature: <b>chat</b>", "gpt-x", "69.6%", "$5.75"):
        assertContains(narrowed, said)
    assertNotContains(narrowed, "gpt-y")
    assertContains(member_client.get(f"{AT}?by=model&env=staging"), "gpt-y")
    assertContains(member_client.get(f"{AT}?by=user"), "/p/support/users/ann/")
    assertContains(member_client.get(f"{AT}?by=user&feature=chat"), "by environment alone")
    prompts = member_client.get(f"{AT}?by=prompt")
    assertContains(prompts, "prompt=greet%2F2")


def test_rows_are_sorted_and_found_by_name_and_the_rest_is_last(
    member_client: Client, project: Project
) -> None:
    spend(project)
    store(project, *(call(f"s{n}", cost=0.01, feature="search") for n in range(3)))
    for sort, first in (("calls", "search"), ("spend", "chat"), ("each", "chat"), ("name", "chat")):
        page = member_client.get(f"{AT}?sort={sort}").content.decode()
        names = re.findall(r'<th scope="row">(?:<a class="med"[^>]*>|<span[^>]*>)([^<]+)', page)
        assert (names[0], names[-1]) == (first, "Not attributed")
    found = member_client.get(f"{AT}?q=SEAR", headers={"HX-Request": "true"})
    assertContains(found, "search")
    assertNotContains(found, 'muted">Not attributed')
    assertContains(member_client.get(f"{AT}?q=nowhere"), "No row is called so")


def test_the_file_has_exact_amounts_and_no_formula(member_client: Client, project: Project) -> None:
    spend(project)
    store(project, call("t5", cost=0.000000001, feature="=cmd()"))
    rows = rows_of(member_client, "by=feature")
    assert {row["feature"]: row["cost_usd"] for row in rows} == {
        "chat": "4", "search": "1.5", "": "0.25", "'=cmd()": "0.000000001",
    }  # fmt: skip
    assert sum(int(row["requests"]) for row in rows) == 4
    assert [row["model"] for row in rows_of(member_client, "by=model&feature=chat")] == ["gpt-x"]


def test_odd_parameters_are_no_error(member_client: Client, project: Project) -> None:
    spend(project)
    for odd in ("feature=%00", "model=%ED%A0%80", "by=%00", "sort=-1", "t=9999-99", "env=nowhere",
                f"feature={'x' * 5000}", "version=2"):  # fmt: skip
        for page in (AT, "/p/support/costs/export/"):
            assert member_client.get(f"{page}?{odd}").status_code == 200, odd


def test_rows_cost_no_queries(
    member_client: Client, project: Project, django_assert_max_num_queries: Any
) -> None:
    store(project, *(call(f"t{n}", cost=1, feature=f"f{n}", user_id=f"u{n}") for n in range(30)))
    count(project)
    assert sum_of(
        spend_by(project.pk, days_of("", datetime.now(UTC).date()), DIMENSIONS["user"])
    ).cost == (30 * DOLLAR)
    member_client.get(AT)
    for by in BY:
        with django_assert_max_num_queries(17 if by == "user" else 12):
            member_client.get(f"{AT}?by={by}&t=90d")


def test_segments_keys_and_routes_open_their_traces(
    member_client: Client, project: Project
) -> None:
    key = ApiKey.objects.create(
        project=project, name="Shop", public_key="pk-shop", secret_hash="shop"
    )
    spans = [
        call("t1", cost=3, user_segment="free tier", route="cheap"), call("t2", cost=1),
    ]  # fmt: skip
    connection.ensure_connection()
    Store(lambda: connection.connection).write(
        prepare_records(Decoded(spans), project.pk, key_id=key.pk).spans
    )
    page = member_client.get(f"{AT}?by=segment&t=7d").content.decode()
    assert "free tier" in page
    listed = next(one for one in re.findall(r'href="([^"]+)"', page) if "segment%3A" in one)
    assert member_client.get(listed.replace("&amp;", "&"), follow=True).status_code == 200
    page = member_client.get(f"{AT}?by=key&t=7d").content.decode()
    assert "Shop (pk-shop)" in page
    listed = next(one for one in re.findall(r'href="([^"]+)"', page) if "key%3Apk-shop" in one)
    shown = member_client.get(listed.replace("&amp;", "&"), follow=True).content.decode()
    assert ("/traces/t1" in shown, "/traces/t2" in shown) == (True, True)
    rows = rows_of(member_client, "by=route&t=7d")
    assert [row["cost_usd"].rstrip("0").rstrip(".") for row in rows] == ["3", "1"]
