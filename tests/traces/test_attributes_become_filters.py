"""The tab Attributes of a span: a flat table, found in, each value a filter of the list."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from hypothesis import assume, given
from hypothesis import strategies as st
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Project
from tests.traces.seeing import call, store
from traces.pages.attributes import MOST_ROWS, query_of, table
from traces.query.grammar import parse
from traces.query.nodes import Not, Term, TextTest

ADDRESS = "/p/support/traces/t/?span=root&tab=attributes"
PIECE = {"HX-Request": "true"}


def test_attributes_are_a_flat_table() -> None:
    [(word, rows)] = table({"attributes": {"b": [1, 2], "a": "text"}}, "", "?").groups
    assert (word, [(row.name, row.value) for row in rows]) == (
        "Attributes",
        [("a", "text"), ("b", "[1, 2]")],
    )
    [(_, [row])] = table({"attributes": {"a": "x" * 9000}}, "", "?").groups
    assert (len(row.value) < 500, row.only) == (True, "")


def test_a_value_becomes_a_term_of_the_query_language() -> None:
    assert query_of("http.status", 500) == "attr.http.status:500"
    assert query_of("span", "1..") == 'attr.span:"1.."'
    assert query_of("ok", True) == "attr.ok:true"
    assert query_of("a key", 'say "so"') == r'attr."a key":"say \"so\""'
    [(_, [row])] = table({"metadata": {"tier": "gold plus"}}, "", "/l/?t=30d").groups
    assert row.only == "/l/?t=30d&q=attr.tier%3A%22gold+plus%22"
    assert row.without == "/l/?t=30d&q=-attr.tier%3A%22gold+plus%22"


@given(
    st.text(min_size=1, max_size=30).filter(str.isprintable),
    st.text(min_size=1, max_size=60).filter(str.isprintable) | st.integers() | st.booleans(),
)
def test_the_query_language_reads_every_term_as_it_was_meant(name: str, value: Any) -> None:
    assume(name.strip() and str(value).strip())
    term = parse(query_of(name, value)).root
    assert isinstance(term, Term)
    text = value if isinstance(value, str) else json.dumps(value)
    assert (term.field, term.key, term.op) == ("attr", name, ":")
    assert term.tests == (TextTest(text),)
    assert isinstance(parse(f"-{query_of(name, value)}").root, Not)


def test_what_stands_in_no_filter_has_no_link() -> None:
    content = {"events": [{"name": "e", "attributes": {"a": 1}}], "attributes": {"list": [1]}}
    rows = [row for _, rows in table(content, "", "?").groups for row in rows]
    assert [(row.name, row.only) for row in rows] == [("list", ""), ("a", "")]


def test_many_attributes_are_cut_and_found() -> None:
    content = {"attributes": {f"n{number:04}": f"v{number}" for number in range(900)}}
    whole = table(content, "", "?")
    assert (whole.shown, whole.found, whole.total) == (MOST_ROWS, 900, 900)
    some = table(content, "V77", "?")
    assert (some.shown, some.total) == (11, 900)
    assert [row.name for row in some.groups[0][1]][:2] == ["n0077", "n0770"]


@pytest.mark.django_db
def test_the_tab_finds_and_links(project: Project, member_client: Client) -> None:
    store(project, call("t", attributes={"app.tier": "gold", "app.region": "eu"}))
    response = member_client.get(f"{ADDRESS}&attr=GOLD&env=production", headers=PIECE)
    assertContains(response, "app.tier")
    assertNotContains(response, "app.region")
    only = "/p/support/traces/?t=30d&amp;env=production&amp;q=attr.app.tier%3Agold"
    assertContains(response, f'href="{only}"')
    assertContains(response, '<input type="hidden" name="env" value="production">')
    nothing = member_client.get(f"{ADDRESS}&attr=<b>", headers=PIECE)
    assertContains(nothing, "No attribute holds “&lt;b&gt;”.")
