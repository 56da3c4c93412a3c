"""The pages of datasets: list, items, versions, differences, one item and its form."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Project, Role, User
from evals.models import Dataset
from evals.queries.datasets import items_of
from evals.services.datasets import ChangeItem, RemoveItem, change_items
from tests.evals.making import item, make_dataset, make_gate
from tests.factories import make_user
from tests.prompts.making import make_version

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
AT = "/p/support/datasets/"
ONE = f"{AT}golden/refunds/"


@pytest.fixture
def golden(project: Project, alice: User) -> Dataset:
    dataset = make_dataset(
        project,
        "golden/refunds",
        item("Where is my refund for order 1234 of last week?", "r-1", slice="edge", expected="At"),
        item({"messages": [{"role": "user", "content": "Refund <b>now</b>"}]}, "r-2"),
        item("The secret question", "r-3", split="held_out", expected="the secret answer"),
        actor=alice,
    )
    change_items(
        dataset,
        [ChangeItem("r-1", {"expected": "At the bank"}), RemoveItem("r-2")],
        actor=alice,
        message="Say where",
    )
    change_items(
        dataset, [item("Where is my refund for order 1234 of last week", "r-4")], actor=None
    )
    dataset.refresh_from_db()
    return dataset


def test_the_list_says_where_items_come_from_and_who_uses_them(
    member_client: Client,
    project: Project,
    golden: Dataset,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    make_gate(make_version(project).prompt, golden)
    for number in range(4):
        make_dataset(project, f"other {number}", item(number))
    with django_assert_max_num_queries(12):
        answer = member_client.get(AT)
    assertContains(answer, "golden/refunds")
    assertContains(answer, "1 held out")
    assertContains(answer, "refund-agent")
    piece = member_client.get(f"{AT}?q=refunds", headers=HTMX)
    assertContains(piece, "golden/refunds")
    assertNotContains(piece, "other 1")
    assertNotContains(piece, "<h1")
    assertContains(member_client.get(f"{AT}?q=nothing"), "No dataset matches")


def test_without_datasets_the_list_says_what_they_are(
    member_client: Client, stranger_client: Client, project: Project
) -> None:
    assertContains(member_client.get(AT), "No datasets yet")
    assert stranger_client.get(AT).status_code == 404
    assertContains(member_client.get(f"{AT}?archived=1"), "Nothing is archived")


def test_items_are_shown_in_any_version_and_held_out_ones_are_not(
    member_client: Client,
    owner_client: Client,
    golden: Dataset,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_max_num_queries(16):
        answer = member_client.get(ONE)
    assertContains(answer, "At the bank")
    assertNotContains(answer, "secret")
    assertContains(answer, "Held out")
    assertContains(answer, "yours is engineer")
    assertContains(owner_client.get(ONE), "the secret answer")
    before = member_client.get(f"{AT}golden/refunds@1/")
    assertContains(before, "Refund &lt;b&gt;now&lt;/b&gt;")
    assertContains(before, "It never changes")
    assert member_client.get(f"{AT}golden/refunds@9/").status_code == 404
    assertContains(member_client.get(f"{ONE}?v=1&slice=edge"), "r-1")
    assertNotContains(member_client.get(f"{ONE}?q=secret"), "r-3")
    assertContains(owner_client.get(f"{ONE}?q=secret"), "r-3")
    assertContains(member_client.get(f"{ONE}?q=nothing"), "No item matches")
    piece = member_client.get(f"{ONE}?split=held_out", headers=HTMX)
    assertContains(piece, "r-3")
    assertNotContains(piece, "<h1")


def test_duplicates_are_warned_of_with_links(member_client: Client, golden: Dataset) -> None:
    answer = member_client.get(f"{ONE}duplicates/")
    assertContains(answer, "1 pair of items say nearly the same")
    assertContains(answer, f"{ONE}items/r-4/")
    assertContains(member_client.get(f"{ONE}compare/r-1/"), "r-4")
    assert member_client.get(f"{ONE}compare/r-3/").content == b""


def test_versions_are_a_timeline_with_their_differences(
    member_client: Client, owner_client: Client, golden: Dataset
) -> None:
    answer = member_client.get(f"{ONE}?tab=versions")
    assertContains(answer, "Say where")
    assertContains(answer, "1 changed, 1 removed")
    answer = member_client.get(f"{ONE}diff/1..2/")
    assertContains(answer, '<b class="num">1</b> changed', html=False)
    assertContains(answer, "the bank")
    assertContains(answer, "removed")
    first = member_client.get(f"{ONE}diff/0..1/")
    assertNotContains(first, "secret")
    assertContains(first, "Held out")
    assertContains(owner_client.get(f"{ONE}diff/0..1/"), "the secret answer")
    assertContains(member_client.get(f"{ONE}diff/2..2/"), "Nothing differs")
    assert member_client.get(f"{ONE}diff/", {"a": 1, "b": 3})["Location"] == f"{ONE}diff/1..3/"
    assert member_client.get(f"{ONE}diff/1..99/").status_code == 404


def test_an_item_is_written_changed_and_removed(
    member_client: Client, project: Project, bob: User, golden: Dataset
) -> None:
    said = {
        "key": "r-5",
        "input_as": "json",
        "input": '{"q": "Hello"}',
        "expected_as": "text",
        "expected": "Hi",
        "characteristics": "Is polite.\n\nIs short.",
        "slice": "own",
        "split": "main",
        "message": "One more",
    }
    answer = member_client.post(f"{ONE}new/", said | {"input": "{"})
    assertContains(answer, "This is not JSON", status_code=422)
    assertContains(
        member_client.post(f"{ONE}new/", said | {"input": " "}), "has an input", status_code=422
    )
    assertContains(
        member_client.post(f"{ONE}new/", said | {"key": "r-1"}), "already", status_code=422
    )
    answer = member_client.post(f"{ONE}new/", said)
    assert answer["Location"] == f"{ONE}items/r-5/"
    (row,) = items_of(golden, 4, slices=["own"])
    assert (row.input, row.expected, row.characteristics) == (
        {"q": "Hello"},
        "Hi",
        ["Is polite.", "Is short."],
    )
    assert row.author == bob
    assertContains(member_client.get(f"{ONE}items/r-5/"), "Is polite.")
    assertContains(member_client.get(f"{ONE}items/r-5/?edit=1"), "Save as v5")
    member_client.post(f"{ONE}items/r-5/", said | {"act": "save", "expected": ""})
    assert items_of(golden, 5, slices=["own"])[0].expected is None
    member_client.post(f"{ONE}items/r-5/", {"act": "remove"})
    assert member_client.get(f"{ONE}items/r-5/").status_code == 404
    assertContains(member_client.get(f"{ONE}items/r-5/?v=4"), "Hello")


def test_a_held_out_item_is_shut_with_the_rule(
    member_client: Client, owner_client: Client, golden: Dataset
) -> None:
    answer = member_client.get(f"{ONE}items/r-3/?edit=1")
    assertContains(answer, "Held-out items need the role reviewer or above")
    assertNotContains(answer, "secret")
    assert member_client.post(f"{ONE}items/r-3/", {"act": "remove"}).status_code == 403
    assertContains(owner_client.get(f"{ONE}items/r-3/"), "the secret answer")


def test_a_dataset_is_made_described_archived_and_restored(
    member_client: Client, owner_client: Client, project: Project, bob: User
) -> None:
    assertContains(
        member_client.post(f"{AT}new/", {"name": "a//b"}), "Folders are", status_code=422
    )
    answer = member_client.post(f"{AT}new/", {"name": "caps", "description": "Of states"})
    assert answer["Location"] == f"{AT}caps/"
    assertContains(
        member_client.post(f"{AT}new/", {"name": "caps"}), "a dataset called", status_code=422
    )
    assertContains(member_client.get(f"{AT}caps/"), "No items yet")
    bad: dict[str, Any] = {"input_schema": '{"type": "strin"}', "owner": bob.pk}
    assertContains(
        member_client.post(f"{AT}caps/settings/", bad), "cannot be used", status_code=422
    )
    member_client.post(f"{AT}caps/settings/", {"description": "Capitals", "owner": ""})
    dataset = Dataset.objects.get()
    assert (dataset.description, dataset.owner) == ("Capitals", None)
    member_client.post(f"{AT}caps/archive/")
    assertContains(member_client.get(f"{AT}?archived=1"), "caps")
    assertContains(member_client.get(f"{AT}caps/?tab=settings"), "Bring it back")
    member_client.post(f"{AT}caps/archive/", {"restore": "1"})
    assertContains(member_client.get(AT), "caps")


def test_a_viewer_reads_and_writes_nothing(project: Project, golden: Dataset) -> None:
    viewer = make_user("v@example.com", organization=project.organization, role=Role.VIEWER)
    client = Client()
    client.force_login(viewer)
    answer = client.get(ONE)
    assertContains(answer, "At the bank")
    assertNotContains(answer, "New item")
    assert client.post(f"{ONE}new/", {"input": "x"}).status_code == 403
    assert client.post(f"{ONE}items/r-1/", {"act": "remove"}).status_code == 403
