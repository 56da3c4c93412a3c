"""Tags and filters that every page is written with."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.template import engines
from django.test import RequestFactory


def _render(source: str, **context: Any) -> str:
    return engines["django"].from_string("{% load kit %}" + source).render(context)


def test_an_icon_is_hidden_from_assistive_tech() -> None:
    html = _render('{% icon "trace" 14 "faint" %}')
    assert html == (
        '<svg class="i i-14 faint" aria-hidden="true"><use href="/static/icons.svg#i-trace"/></svg>'
    )


@pytest.mark.parametrize(
    ("name", "css", "word"),
    [("generation", "k-generation", "LLM"), ("tool", "k-tool", "tool"), ("what", "k-span", "span")],
)
def test_a_kind_has_tint_and_word(name: str, css: str, word: str) -> None:
    html = _render("{% kind name %}", name=name)
    assert css in html
    assert f'<span class="vh">{word}</span>' in html


def test_a_state_has_icon_and_word() -> None:
    html = _render('{% status "recovered" "Recovered, 1 tool error" chip=True %}')
    assert "#i-alert" in html
    assert "Recovered, 1 tool error" in html


def test_text_from_spans_is_escaped() -> None:
    assert "<script>" not in _render('{% status "ok" text %}', text="<script>")
    assert "<script>" not in _render("{% kind name %}", name="<script>")


def test_what_could_not_be_priced_leads_to_the_prices() -> None:
    html = _render("{% money None unpriced=True href=href %}", href="/p/a/costs/prices/")
    assert html == '<a href="/p/a/costs/prices/">unpriced</a>'
    assert _render("{% money None %}") == "–"


def test_a_time_is_utc_until_the_script_knows_the_zone() -> None:
    moment = datetime(2026, 11, 19, 14, 2, 11, tzinfo=UTC)
    assert _render('{% time moment "full" %}', moment=moment) == (
        '<time datetime="2026-11-19T14:02:11Z" data-time="full" '
        'title="19 Nov 2026, 14:02:11 UTC">19 Nov 2026, 14:02:11 UTC</time>'
    )
    assert _render("{% time None %}") == "–"


def test_a_changed_filter_starts_again_at_the_first_page(rf: RequestFactory) -> None:
    request = rf.get("/", {"env": "production", "t": "7d", "after": "x", "sort": "time"})
    assert _render('{% query_with sort="-cost" %}', request=request) == (
        "?env=production&amp;t=7d&amp;sort=-cost"
    )
    assert _render("{% query_with sort=None t='' %}", request=request) == "?env=production"
    assert "after=y" in _render('{% query_with after="y" %}', request=request)


def test_links_inside_a_project_carry_environment_and_range(rf: RequestFactory) -> None:
    request = rf.get("/", {"env": "staging", "t": "7d", "q": "status:error"})
    project = SimpleNamespace(slug="support")
    html = _render('{% project_url "traces" %}', request=request, project=project)
    assert html == "/p/support/traces/?env=staging&amp;t=7d"
    assert _render("{% project_url %}", request=rf.get("/"), project=project) == "/p/support/"
