"""The tab JSON of a span: every member a line, objects fold, all of it as a download."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.asserts import assertContains

from accounts.models import Project
from tests.traces.seeing import call, store
from traces.pages.json_lines import MOST_LINES, lines_of

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.dictionaries(st.text(), PLAIN))
def test_every_fold_is_closed(value: dict[str, object]) -> None:
    depth = 0
    for line in lines_of(value).lines:
        depth += line.opens - line.closes
        assert depth >= 0
    assert depth == 0


def test_what_is_too_much_is_cut_and_says_so() -> None:
    lines = lines_of({"rows": [{"n": n} for n in range(MOST_LINES)]})
    assert lines.is_cut
    assert sum(line.opens for line in lines.lines) == sum(line.closes for line in lines.lines)
    assert not lines_of({"a": [1, {"b": None}]}).is_cut
    assert lines_of({"a": "x" * 9000}).is_cut


def test_deep_nesting_ends() -> None:
    value: object = 1
    for _ in range(300):
        value = [value]
    assert len(lines_of({"deep": value}).lines) < 100


class Balanced(HTMLParser):
    """Fails on an end tag that ends something else."""

    open: tuple[str, ...] = ()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in ("details", "div", "summary", "section"):
            self.open = (*self.open, tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("details", "div", "summary", "section"):
            assert self.open[-1] == tag
            self.open = self.open[:-1]


@pytest.mark.django_db
def test_the_tab_folds_and_leads_to_the_download(project: Project, member_client: Client) -> None:
    store(project, call("t", attributes={"a": {"b": "<i>"}}, input="Hi"))
    response = member_client.get(
        "/p/support/traces/t/?span=root&tab=json", headers={"HX-Request": "true"}
    )
    assertContains(response, "&lt;i&gt;")
    assertContains(response, 'download="root.json"')
    page = Balanced()
    page.feed(response.content.decode())
    assert page.open == ()
    raw = member_client.get("/api/v1/traces/t/spans/root?project=support")
    assert raw.json()["input"] == "Hi"
