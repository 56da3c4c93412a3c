"""The tab Cost of a span: amounts by class that add up, whose cost counts, and what has none."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Project
from pricing.card import Card, CostSource, Tier
from tests.traces.seeing import call, span, store
from traces.ingest.record import TOKEN_CLASSES, Kind, Level
from traces.models import Span, Uncounted
from traces.pages.costs import tell

pytestmark = pytest.mark.django_db

COST = "/p/support/traces/t/?span=root&tab=cost"
PIECE = {"HX-Request": "true"}
HREF = "/p/support/costs/prices/?model="
CLASSES = {
    "in_uncached": 2310, "in_cached": 4180, "in_cache_write": 640, "out_text": 820,
}  # fmt: skip
SONNET: dict[str, Any] = {"model": "claude-sonnet-4-5", "provider": "anthropic", **CLASSES}


def page(client: Client) -> str:
    return client.get(COST, headers=PIECE).content.decode()


def test_the_classes_add_up_to_the_cost(project: Project, member_client: Client) -> None:
    store(project, call("t", **SONNET))
    html = page(member_client)
    # 820·15 + 2310·3 + 640·3.75 + 4180·0.3, in millionths
    for amount in ("$0.012300", "$0.006930", "$0.002400", "$0.001254"):
        assert amount in html
    assert re.search(r"<tfoot>.*7,950.*\$0\.022884", html, re.DOTALL)
    for price in ("$15.00 / M", "$3.00 / M", "$3.75 / M", "$0.30 / M"):
        assert price in html
    assert re.search(r"genai-prices [0-9.]+: claude-sonnet-4-5, as of \d+ [A-Z]\w\w 20\d\d", html)
    assert 'aria-label="Output 53.7%, Input, not cached 30.3%' in html
    assert Span.objects.get().cost_nano == 22_884_000


@given(
    st.lists(st.none() | st.integers(0, 10**7), min_size=7, max_size=7),
    st.lists(st.decimals(0, 1000, places=7), min_size=7, max_size=7),
    st.decimals(0, 1, places=10),
)
def test_what_is_shown_always_adds_up(
    counts: list[int | None], prices: list[Decimal], per_call: Decimal
) -> None:
    stated = dict(zip(TOKEN_CLASSES, prices, strict=True))
    card = Card([Tier(0, stated)], source=CostSource.TABLE, reference="x", per_call=per_call)
    nano = card.nano(tuple(counts))  # type: ignore[arg-type]
    columns = dict(zip(TOKEN_CLASSES, counts, strict=True))
    told = tell(
        Span(kind=Kind.GENERATION, level=Level.DEFAULT, counts=True, cost_nano=nano, **columns),
        {},
        card,
    )
    assert (told.ours, told.outdated) == (nano, "")
    if nano is None:
        assert told.why_not
        return
    shown = [row.amount for row in told.rows] + [told.per_call, told.rounding]
    total = sum(Decimal(re.sub("[$,+]", "", text).replace("−", "-")) for text in shown if text)
    assert total == Decimal(nano) / 10**9
    assert Decimal(re.sub("[$,]", "", told.ours_text)) == total


def test_a_given_cost_that_disagrees_counts_and_says_why(
    project: Project, member_client: Client
) -> None:
    store(project, call("t", **SONNET, cost="0.0116"))
    html = page(member_client)
    assert "they disagree" in html
    assert "a discount" in html
    assert "−$0.011284 (49.3%)" in html
    assert html.index("$0.022884") < html.index("Given by the sender") < html.index("$0.0116")


def test_a_given_cost_that_agrees_gives_way_to_ours(
    project: Project, member_client: Client
) -> None:
    store(project, call("t", **SONNET, cost="0.0229"))
    html = page(member_client)
    assert "they disagree" not in html
    assert "because it is exact" in html


def test_a_zero_says_nothing_against_counted_tokens(
    project: Project, member_client: Client
) -> None:
    store(project, call("t", **SONNET, cost=0))
    assertContains(member_client.get(COST, headers=PIECE), "a zero says nothing")


def test_unpriced_leads_to_the_form_with_the_model(
    project: Project, member_client: Client, owner_client: Client
) -> None:
    store(project, call("t", model="own-llama 7b", provider="us"))
    html = page(member_client)
    assert f'<a href="{HREF}own-llama+7b&amp;provider=us#set">unpriced</a>' in html
    assert "the base table does not know the provider us" in html
    assertContains(
        member_client.get("/p/support/traces/t/"), '<a href="/p/support/costs/prices/">unpriced</a>'
    )
    assertContains(owner_client.get(f"{HREF}own-llama+7b&provider=us"), 'value="own-llama 7b"')


def test_what_does_not_count_says_why_and_adds_nothing(
    project: Project, member_client: Client
) -> None:
    store(
        project,
        call("t", usage_counts=False, cost="0.02"),
        call("t", "other", parent_span_id="root"),
    )
    Uncounted.objects.create(
        project_id=project.pk, trace_id="t", span_id="root",
        reason="Another span tells the same response", counted_span_id="other",
    )  # fmt: skip
    html = page(member_client)
    assert "Another span tells the same response." in html
    assert "?span=other&amp;tab=cost" in html
    assert "In no total" in html


def test_prices_that_changed_meanwhile_are_told(project: Project, member_client: Client) -> None:
    store(project, call("t", **SONNET))
    Span.objects.update(cost_nano=1_000_000)
    assertContains(member_client.get(COST, headers=PIECE), "by those of now it is $0.022884")


def test_a_span_that_calls_nothing_says_so(project: Project, member_client: Client) -> None:
    store(project, span("t"))
    response = member_client.get(COST, headers=PIECE)
    assertContains(response, "calls no model itself")
    assertNotContains(response, "npriced")


def test_the_tab_takes_few_statements(
    project: Project, member_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    store(project, call("t", **SONNET))
    with django_assert_max_num_queries(13):
        page(member_client)
