"""Drafts by a model: asked for with their cost, marked, and taken over by a person alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Project
from evals.models import Dataset
from evals.queries.datasets import items_of
from evals.values.drafts import NoDrafts, items_in
from gateway import client
from gateway.models import Provider as Connection
from tests.evals.judging import answering
from tests.evals.making import item, make_dataset
from tests.evals.planned import connected
from tests.provider import Provider, running

AT = "/p/support/datasets/golden/drafts/"
ANSWER = {
    "items": [
        {"input": "Wo ist mein Geld?", "expected": "Ask for the order.", "title": "German"},
        {"input": "refnud pls", "expected": "Ask for the order.", "title": "Typos"},
        {"input": "Where is my refund?", "expected": "At the depot"},
        {"input": "bad \0", "expected": {"a": 1}},
        {"expected": "no input"},
    ]
}


@pytest.fixture
def upstream() -> Iterator[Provider]:
    with running() as provider:
        yield provider
    client.close()


@pytest.fixture
def golden(project: Project, upstream: Provider) -> Dataset:
    connected(project, upstream.url)
    return make_dataset(
        project,
        "golden",
        item("Where is my refund?", "known", expected="At the depot"),
        item("The secret", "held", split="held_out"),
    )


def _said(**fields: Any) -> dict[str, Any]:
    offer = Connection.objects.get()
    return {"model": f"{offer.pk}:gpt-4o-mini", "number": 5, "slice": "messy", **fields}


@pytest.mark.django_db(transaction=True)
def test_drafts_cost_what_was_told_and_wait_for_a_person(
    golden: Dataset, upstream: Provider, member_client: Client
) -> None:
    assertContains(member_client.get(AT), "No draft waits")
    estimated = member_client.post(AT, _said(act="estimate"))
    assertContains(estimated, "At most")
    assert not upstream.answers
    asked: list[Any] = []

    def answer(body: dict[str, Any]) -> str:
        asked.append(body)
        return json.dumps(ANSWER)

    upstream.script = answering(answer)
    page = member_client.post(AT, _said(act="draft"), follow=True)
    assertContains(page, "3 drafts wait for your review; 1 could not be kept. Cost: ")
    assertContains(page, "German")
    told = json.dumps(asked[0]["messages"])
    assert "Where is my refund?" in told
    assert "The secret" not in told
    assert "messy" in told
    rows = items_of(golden, 2, with_drafts=True)
    drafted = {row.title: row for row in rows if row.is_draft}
    assert len(drafted) == 3
    assert {row.item.source for row in drafted.values()} == {"synthetic"}
    assert [row.item.key for row in items_of(golden, 2)] == ["known"]
    german, typos = drafted["German"].item.key, drafted["Typos"].item.key
    piece = member_client.post(
        f"{AT}act/", {"act": "approve", "key": german}, headers={"HX-Request": "true"}
    )
    assertContains(piece, "2 drafts to review")
    assertNotContains(piece, "<html")
    member_client.post(f"{AT}act/", {"act": "reject", "key": typos})
    assert {row.title for row in items_of(golden, 4)} == {"", "German"}
    assertContains(
        member_client.post(f"{AT}act/", {"act": "approve", "key": german}, follow=True),
        "no draft any more",
    )
    (left,) = [row for row in items_of(golden, 4, with_drafts=True) if row.is_draft]
    at = f"/p/support/datasets/golden/items/{left.item.key}/"
    assertContains(member_client.get(f"{at}?edit=1"), "Save and approve")
    fields = {
        "input_as": "text",
        "input": "Edited",
        "expected_as": "text",
        "split": "main",
        "act": "approve",
    }
    assert member_client.post(at, fields)["Location"] == AT
    assert [row.input for row in items_of(golden, 5) if row.item.key == left.item.key] == ["Edited"]


@pytest.mark.django_db(transaction=True)
def test_what_goes_wrong_is_said_and_makes_nothing(
    golden: Dataset, upstream: Provider, member_client: Client
) -> None:
    upstream.script = answering("I cannot do that.")
    assertContains(member_client.post(AT, _said(act="draft")), "holds no items", status_code=422)
    held = _said(act="estimate", seeds="held")
    assertContains(member_client.post(AT, held), "is no open one", status_code=422)
    assertContains(
        member_client.post(AT, _said(act="draft", number=31)), "less than or equal", status_code=422
    )
    golden.refresh_from_db()
    assert golden.last_number == 1


@pytest.mark.parametrize(
    "text",
    [
        '{"items": [{"input": 1}]}',
        'Here you are:\n```json\n[{"input": 1}]\n```\nEnjoy.',
        'Sure: {"items": [{"input": 1}, 5, {"expected": "x"}]} Bye.',
    ],
)
def test_items_are_found_in_an_answer(text: str) -> None:
    assert items_in(text) == [{"input": 1}]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"items": "none"}', "{{", '[{"input": ""}]'])
def test_an_answer_without_items_is_refused(text: str) -> None:
    with pytest.raises(NoDrafts):
        items_in(text)
