"""Every page of traces: a member sees it, a stranger finds nothing, queries do not grow."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Project
from tests.traces.seeing import many, span, store

pytestmark = pytest.mark.django_db

LIST, TRACE = "/p/support/traces/", "/p/support/traces/t/"
PIECE = {"HX-Request": "true"}
SETTINGS = "/p/support/settings/"
PAGES = ("/p/support/", LIST, TRACE, f"{SETTINGS}intake/", f"{SETTINGS}snippets/")


@pytest.mark.parametrize("address", PAGES)
def test_a_member_sees_it_and_a_stranger_does_not(
    trace: Project, member_client: Client, stranger_client: Client, address: str
) -> None:
    assert member_client.get(address).status_code == 200
    assert stranger_client.get(address).status_code == 404


def test_the_queries_do_not_grow(
    project: Project,
    member_client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    many(project, 60)
    store(project, *[span("t", f"s{n}", parent_span_id="s0" if n else None) for n in range(900)])
    for address, most in (
        (LIST, 14),  # four of them bound the time of the statement, two read the views
        (TRACE, 18),
        ("/p/support/", 30),
        ("/p/support/settings/intake/", 17),
        ("/p/support/settings/limits/", 14),
        ("/p/support/settings/snippets/", 9),
    ):
        with django_assert_max_num_queries(most):
            assert member_client.get(address).status_code == 200
