"""Columns of the list: chosen by the address, filled in few statements, sorted, and measured."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Project
from tests.traces.seeing import call, many, span, store
from traces.feedback.given import GivenScore
from traces.ingest.record import Kind, Level
from traces.services.scores import record_scores
from traces.values.columns import DEFAULT, MOST_ATTRIBUTES, chosen_columns, columns_text, moved

pytestmark = pytest.mark.django_db

LIST = "/p/support/traces/"
PIECE = {"HX-Request": "true"}
EVERY = "time,name,session,env,feature,release,tags,feedback,ttft,spans,id,attr.tier,score.tone"


def _keys(text: str) -> list[str]:
    return [column.key for column in chosen_columns(text)]


def test_time_comes_first_and_a_name_is_always_shown() -> None:
    assert _keys("") == list(DEFAULT)
    assert _keys("cost,user") == ["time", "name", "cost", "user"]
    assert _keys("status,name,time,status") == ["time", "status", "name"]
    assert _keys("nothing,attr.,score.,<b>") == list(DEFAULT)
    assert _keys("name,attr.a b,score.x") == ["time", "name", "attr.a b", "score.x"]
    assert len(_keys(",".join(f"attr.{n}" for n in range(20)))) == 2 + MOST_ATTRIBUTES
    assert columns_text(chosen_columns("")) == ""


def test_columns_move_but_never_before_the_time() -> None:
    columns = chosen_columns("time,name,cost,user")
    assert moved(columns, "cost", -1) == "time,cost,name,user"
    assert moved(columns, "name", -1) == "time,name,cost,user"
    assert moved(columns, "user", 1) == "time,name,cost,user"


def test_cells_say_what_is_known(project: Project, member_client: Client) -> None:
    store(
        project,
        call("a", session_id="s_1", environment="staging", feature="faq", release="1.4",
             tags=["beta"], ttft_us=120_000, attributes={"tier": "gold"}),
        call("b", ago=90),
    )  # fmt: skip
    record_scores(
        project.pk,
        [GivenScore("tone", 0.25, trace_id="a"),
         GivenScore("thumb", True, trace_id="a", source="user")],
    )  # fmt: skip
    text = member_client.get(f"{LIST}?cols={EVERY}").content.decode()
    row = re.sub(r"<[^>]+>", "|", text[text.index('data-id="a"') : text.index('data-id="b"')])
    for word in ("s_1", "staging", "faq", "1.4", "beta", "120 ms", "gold", "0.25", "up"):
        assert f"|{word}|" in row, word
    assertNotContains(member_client.get(LIST), "staging</td>")


def test_statements_do_not_grow_with_rows(
    project: Project, member_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    many(project, 60, attributes={"tier": "gold"})
    with django_assert_max_num_queries(21):
        assertContains(member_client.get(f"{LIST}?cols={EVERY}"), "gold")


def test_recovered_is_told_from_failed(project: Project, member_client: Client) -> None:
    store(
        project,
        span("well", "r", kind=Kind.AGENT),
        span("well", "s", parent_span_id="r", level=Level.ERROR),
        span("ill", "r", ago=90, level=Level.ERROR),
    )
    text = member_client.get(LIST).content.decode()
    well, ill = text.split('data-id="ill"')
    assert "Recovered" in well[well.index('data-id="well"') :]
    assert "Recovered" not in ill
    assert "Error" in ill


@pytest.mark.parametrize(
    ("sort", "first"),
    [("-latency", "slow"), ("latency", "fast"), ("-cost", "dear"), ("-score.tone", "fast")],
)
def test_orders_are_those_of_an_index(
    project: Project, member_client: Client, sort: str, first: str
) -> None:
    store(
        project,
        call("slow", lasts=9, cost=0.02),
        call("fast", lasts=0.1, cost=0.01, ago=99),
        call("dear", cost=3, ago=120),
    )
    record_scores(project.pk, [GivenScore("tone", 1, trace_id="fast")])
    text = member_client.get(f"{LIST}?sort={sort}").content.decode()
    assert re.findall(r'<tr role="row" data-id="([^"]+)"', text)[0] == first
    assert 'id="news"' not in text  # what is new does not stand above the first row
    assert 'aria-sort="' in text or sort.endswith("tone")
    assert member_client.get(f"{LIST}?sort=name").status_code == 200


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("duration", ("p95", "1.00 s", "latency%3E%3D1000.000ms")),
        ("cost", ("$0.0100", "0% without a value")),
        ("tokens", ("120",)),
        ("model", ("gpt-4o", "100%", "q=model%3Agpt-4o")),
        ("status", ("ok",)),
        ("session", ("100% without a value",)),
        ("attr.tier", ("gold", "q=attr.tier%3Agold")),
        ("score.tone", ("100% without a value",)),
        ("nothing", ()),
    ],
)
def test_a_column_tells_its_spread_or_its_values(
    project: Project, member_client: Client, column: str, words: tuple[str, ...]
) -> None:
    many(project, 12, cost=0.01, attributes={"tier": "gold"})
    response = member_client.get(f"{LIST}?piece=stats&col={column}", headers=PIECE)
    for word in words:
        assertContains(response, word)


def test_a_peek_shows_what_happened(
    trace: Project, member_client: Client, stranger_client: Client
) -> None:
    address = f"{LIST}?piece=peek&peek=t"
    response = member_client.get(address, headers=PIECE)
    for word in ("Where is it?", "Here.", "lookup", "Recovered", "span=c"):
        assertContains(response, word)
    assert stranger_client.get(address, headers=PIECE).status_code == 404
    missing = member_client.get(f"{LIST}?piece=peek&peek=gone", headers=PIECE)
    assertContains(missing, "No trace has this id here")
    assertContains(member_client.get(f"{LIST}?peek=t"), "piece=peek&amp;peek=t")
