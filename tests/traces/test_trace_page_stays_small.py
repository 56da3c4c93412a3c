"""A trace of thousands of spans: statements, rows, HTML and nodes stay within their budgets."""

from __future__ import annotations

import gzip
import re

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.models import Project
from tests.traces.seeing import call, span, store
from traces.ingest.record import Kind

pytestmark = pytest.mark.django_db

TRACE = "/p/support/traces/t/"
PIECE = {"HX-Request": "true"}
MOST_TAGS = 6000
MOST_BYTES = 40_000  # gzip


@pytest.fixture
def large(project: Project) -> Project:
    """Fifty chains of a hundred spans, models among them, one of them failed."""
    chains = [
        span("t", f"s{n}", parent_span_id="r", name=f"shard {n}", at=n, kind=Kind.CHAIN, lasts=0.9)
        for n in range(50)
    ]
    leaves = [
        (call if m % 4 == 0 else span)(
            "t", f"s{n}-{m}", parent_span_id=f"s{n}", name=f"step {m % 9}", at=n + m / 120,
            lasts=0.008, input="what?", output="that",
        )
        for n in range(50) for m in range(100)
    ]  # fmt: skip
    store(project, span("t", "r", kind=Kind.AGENT, lasts=60), *chains, *leaves)
    return project


@pytest.mark.parametrize(
    ("query", "statements"),
    [("", 19), ("?critical=1", 19), ("?only=slow", 19), ("?find=step", 20),
     ("?zoom=1000000-9000000", 19), ("?view=conversation", 21), ("?view=log", 21)],
)  # fmt: skip
def test_a_page_of_a_large_trace(
    large: Project,
    member_client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    query: str,
    statements: int,
) -> None:
    with django_assert_max_num_queries(statements):
        response = member_client.get(TRACE + query)
    html = response.content.decode()
    assert len(re.findall(r"<[a-z]", html)) <= MOST_TAGS
    assert len(gzip.compress(response.content)) <= MOST_BYTES
    assert html.count('role="treeitem"') <= 201


def test_rows_and_the_place_are_pieces_of_few_statements(
    large: Project, member_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for query, statements in (("?below=ss7", 9), ("?tree=1", 9), ("?piece=place", 16)):
        with django_assert_max_num_queries(statements):
            assert member_client.get(TRACE + query, headers=PIECE).status_code == 200
