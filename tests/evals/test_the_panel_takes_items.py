"""The test panel is filled in with an item of a dataset, and refuses what is held out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Project, User
from evals.models import Dataset
from evals.services.datasets import AddItem, change_items, create_dataset
from prompts.content import Content
from prompts.services.versions import NewVersion, create_version

PAGE = "/p/support/prompts/refund/test/"
CHOICE = "/p/support/test-panel/items/"


@pytest.fixture
def dataset(project: Project, alice: User) -> Dataset:
    messages = [
        {"role": "system", "content": "You help {{company}}."},
        {"role": "user", "content": "Question: {{question}}"},
    ]
    content = Content("chat", messages, model="simulated-small")
    create_version(project, "refund", NewVersion(content), actor=alice)
    made = create_dataset(project, "golden", actor=alice)
    said = {"company": "Northwind", "question": "Where is <b>it</b>?"}
    change_items(
        made,
        [
            AddItem({"title": "Whole", "input": said, "slice": "edge"}, key="whole"),
            AddItem({"title": "Text", "input": "Only a text"}, key="text"),
            AddItem({"title": "Secret", "input": "Nobody", "split": "held_out"}, key="secret"),
            AddItem(
                {"title": "Talk", "input": [{"role": "user", "content": "Hi there"}]}, key="talk"
            ),
        ],
        actor=alice,
    )
    return made


def test_an_item_fills_the_variables_in(member_client: Client, dataset: Dataset) -> None:
    page = member_client.get(f"{PAGE}?item=whole")
    assertContains(page, "Where is &lt;b&gt;it&lt;/b&gt;?")
    assertContains(page, "golden, as it stands now.")
    chosen = {"version_0": "1", "draft_begins": "1", "act": "item:talk"}
    assertContains(member_client.post(PAGE, chosen), "Hi there")
    typed = {"version_0": "1", "draft_begins": "1", "act": "item", "item": "text"}
    assertContains(member_client.post(PAGE, typed), "It says nothing of company")


def test_held_out_and_unknown_items_are_refused_in_words(
    member_client: Client, dataset: Dataset
) -> None:
    page = member_client.get(f"{PAGE}?item=secret")
    assertContains(page, "is held out. Held-out items need the role reviewer or above")
    assertNotContains(page, "Nobody")
    assertContains(member_client.get(f"{PAGE}?item=nope%00"), "No dataset of this project holds")


def test_items_are_chosen_in_a_piece_of_the_panel(
    member_client: Client,
    stranger_client: Client,
    dataset: Dataset,
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    assertContains(
        member_client.get(PAGE), f"{CHOICE}?back=%2Fp%2Fsupport%2Fprompts%2Frefund%2Ftest"
    )
    with django_assert_max_num_queries(9):
        piece = member_client.get(f"{CHOICE}?back={PAGE}", headers={"HX-Request": "true"})
    assertContains(piece, 'value="item:whole"')
    assertNotContains(piece, "<h1>")
    assertNotContains(piece, "Secret")
    page = member_client.get(f"{CHOICE}?back={PAGE}&q=edge")
    assertContains(page, f"{PAGE}?item=whole")
    assertNotContains(page, "item=text")
    assertNotContains(member_client.get(f"{CHOICE}?back=//evil.example/"), 'href="//evil.example')
    assert stranger_client.get(CHOICE).status_code == 404
