"""The query bar of the trace list: chips, errors at their place, suggestions, the reference."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import Project
from tests.traces.seeing import call, store
from traces.query.fields import FIELDS
from traces.query.reference import markdown

pytestmark = pytest.mark.django_db

LIST = "/p/support/traces/"
PIECE = {"HX-Request": "true", "HX-Target": "results"}


@pytest.fixture
def two(project: Project) -> Project:
    store(
        project,
        call("a", name="resolve", user_id="u1", input="Where is my order?", release="1.4",
             attributes={"tier": "gold"}, tags=["beta"]),
        call("b", name="search", model="claude-3", user_id="u2", ago=90, release="1.5"),
    )  # fmt: skip
    return project


def page(client: Client, **parameters: Any) -> str:
    return client.get(LIST, parameters).content.decode()


def test_the_bar_narrows_by_the_language(two: Project, member_client: Client) -> None:
    found = page(member_client, q='"where is" model:gpt-*')
    assert "/traces/a/" in found
    assert "/traces/b/" not in found
    assert "?q=model%3Agpt-%2A" in found  # the first chip goes away alone
    assert "?q=%22where+is%22" in found


def test_an_error_keeps_the_rows_and_underlines_its_place(
    two: Project, member_client: Client
) -> None:
    response = member_client.get(LIST, {"q": "user:u1 latncy>2s"}, headers=PIECE)
    text = response.content.decode()
    assert (response.status_code, response["HX-Retarget"]) == (200, "#q-error")
    assert 'user:u1 <mark class="qe-at">latncy</mark>&gt;2s' in text
    assert "There is no field “latncy”. Expected latency." in text
    whole = page(member_client, q="user:u1 latncy>2s")
    assert "This query cannot be read" in whole
    assert "/traces/a/" not in whole
    for piece in ("facets", "news"):
        answer = member_client.get(LIST, {"q": "(", "piece": piece}, headers=PIECE)
        assert answer.status_code == 200


def test_typed_markup_stays_text(two: Project, member_client: Client) -> None:
    for typed in ("<script>alert(1)</script>:", "name:(<b>x", '"<img src=x onerror=alert(1)>"'):
        text = page(member_client, q=typed)
        assert "<script>alert" not in text
        assert "<b>x" not in text
        assert "<img src=x" not in text


@pytest.mark.parametrize(
    ("text", "at", "start", "expected"),
    [
        ("", 0, 0, "name:"),
        ("lat", 3, 0, "latency>"),
        ("user:u1 mod", 11, 8, "model:"),
        ("model:cl", 8, 6, "claude-3"),
        ("model:(gpt-4o, c", 16, 15, "claude-3"),
        ("user:", 5, 5, "u1"),
        ("release:1.4 name:x", 9, 8, "1.4"),
        ("kind:g", 6, 5, "generation"),
        ("status:", 7, 7, "error"),
        ("-tag:", 5, 5, "beta"),
        ("has:fe", 6, 4, "feedback"),
        ("latency>", 8, 8, "2s"),
        ("attr.ti", 7, 0, "attr.tier:"),
        ("attr.tier:", 10, 10, "gold"),
    ],
)
def test_fields_and_values_are_suggested(
    two: Project, member_client: Client, text: str, at: int, start: int, expected: str
) -> None:
    answer = member_client.get(f"{LIST}suggest/", {"q": text, "at": at}).json()
    assert answer["start"] == start
    assert expected in [one["text"] for one in answer["suggestions"]]


def test_suggestions_count_and_never_fail(two: Project, member_client: Client) -> None:
    found = member_client.get(f"{LIST}suggest/", {"q": "model:", "at": 6}).json()["suggestions"]
    assert {one["text"]: one["count"] for one in found} == {"gpt-4o": 1, "claude-3": 1}
    for text in ('"a phr', "zzz:", "name:\0", "((((", 'attr."a key":', "score.x:", "outcome:"):
        for at in ("", "0", "3", "99999", "-1", "x"):
            answer = member_client.get(f"{LIST}suggest/", {"q": text, "at": at})
            assert answer.status_code == 200


def test_the_reference_shows_every_field(two: Project, member_client: Client) -> None:
    text = member_client.get(f"{LIST}reference/").content.decode()
    for field in FIELDS.values():
        assert f"<code>{field.written}</code>".replace("<name>", "&lt;name&gt;") in text


def test_the_docs_hold_the_table_of_fields() -> None:
    docs = Path(__file__).resolve().parents[3] / "docs" / "query.md"
    assert markdown() in docs.read_text()
