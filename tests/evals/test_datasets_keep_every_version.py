"""A dataset's versions: what each holds, that none is made for nothing, what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Project, User
from audit.models import AuditEntry
from evals.models import DatasetItem, ItemRevision
from evals.queries.datasets import items_of, version_of
from evals.services.datasets import (
    ChangeItem,
    PutItem,
    RemoveItem,
    archive_dataset,
    change_items,
    create_dataset,
    describe_dataset,
    restore_dataset,
)
from evals.services.errors import BadDataset, BadItem, InUse, NoSuchItem, NothingToDo
from tests.evals.making import item, make_dataset, make_gate
from tests.prompts.making import make_version

FRANCE, ITALY, SPAIN = (item({"country": name}, name) for name in ("France", "Italy", "Spain"))


def _inputs(dataset: Any, version: int, **criteria: Any) -> list[Any]:
    return [row.item.key for row in items_of(dataset, version, **criteria)]


def test_each_version_keeps_its_items(project: Project, alice: User) -> None:
    dataset = make_dataset(project, "capitals", FRANCE, ITALY, actor=alice)
    second = change_items(
        dataset,
        [SPAIN, ChangeItem("France", {"expected": "Paris"}), RemoveItem("Italy")],
        actor=alice,
        message="Answers",
    )
    assert (second.number, second.added, second.changed, second.removed) == (2, 1, 1, 1)
    assert (second.items, second.author, second.message) == (2, alice, "Answers")
    assert _inputs(dataset, 1) == ["France", "Italy"]
    assert _inputs(dataset, 2) == ["France", "Spain"]
    assert [row.expected for row in items_of(dataset, 1)] == [None, None]
    assert items_of(dataset, 2)[0].expected == "Paris"


def test_a_removed_item_comes_back_as_the_same_case(project: Project) -> None:
    dataset = make_dataset(project, "capitals", FRANCE, ITALY)
    change_items(dataset, [RemoveItem("France")], actor=None)
    change_items(dataset, [PutItem({"input": "again"}, key="France")], actor=None)
    assert _inputs(dataset, 2) == ["Italy"]
    assert _inputs(dataset, 3) == ["France", "Italy"]
    assert DatasetItem.objects.count() == 2


def test_no_version_is_made_when_nothing_changes(project: Project) -> None:
    dataset = make_dataset(project, "capitals", FRANCE)
    same = [
        PutItem({"input": {"country": "France"}}, key="France"),
        SPAIN,
        RemoveItem("Spain"),
    ]
    assert change_items(dataset, same, actor=None).number == 1
    assert ItemRevision.objects.count() == 1
    with pytest.raises(NothingToDo):
        change_items(make_dataset(project, "empty"), [], actor=None)


def test_a_batch_is_whole(project: Project) -> None:
    dataset = make_dataset(project, "capitals", FRANCE)
    with pytest.raises(NoSuchItem):
        change_items(dataset, [SPAIN, RemoveItem("Italy")], actor=None)
    with pytest.raises(BadItem, match="has an item France already"):
        change_items(dataset, [SPAIN, FRANCE], actor=None)
    dataset.refresh_from_db()
    assert (dataset.last_number, dataset.items, _inputs(dataset, 1)) == (1, 1, ["France"])


def test_drafts_archived_and_held_out_items_take_part_only_when_asked(project: Project) -> None:
    dataset = make_dataset(
        project,
        "capitals",
        item(1, "plain", slice="edge"),
        item(2, "draft", is_draft=True),
        item(3, "archived", is_archived=True),
        item(4, "held", split="held_out"),
    )
    assert _inputs(dataset, 1) == ["plain"]
    assert _inputs(dataset, 1, with_drafts=True) == ["plain", "draft"]
    assert _inputs(dataset, 1, splits=["main", "held_out"]) == ["plain", "held"]
    assert _inputs(dataset, 1, splits=["held_out"], slices=["edge"]) == []


def test_items_satisfy_the_schema(project: Project) -> None:
    schema = {"type": "object", "properties": {"country": {"type": "string"}}}
    dataset = make_dataset(project, "capitals", FRANCE, input_schema=schema)
    with pytest.raises(BadItem, match=r"Item 2, input: country: 7 is not of type 'string'"):
        change_items(dataset, [SPAIN, item({"country": 7})], actor=None)
    with pytest.raises(BadDataset, match=r"France \(country: 'France' is not of type 'integer'\)"):
        describe_dataset(
            dataset, actor=None, input_schema={"properties": {"country": {"type": "integer"}}}
        )
    with pytest.raises(BadDataset, match="cannot be used"):
        describe_dataset(dataset, actor=None, input_schema={"type": "objekt"})


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"input": "a\0b"}, "NUL"),
        ({"input": {"a": ["\ud800"]}}, r"at a\[0\]"),
        ({"input": 2**70}, "64 bits"),
        ({"input": float("nan")}, "not finite"),
        ({"input": "x" * 1_000_001}, "1,000,003 bytes"),
        ({"input": 1, "metadata": {"a": "x" * 100_001}}, "metadata"),
        ({"input": 1, "slice": 5}, "slice: it is text"),
        ({"input": 1, "split": "mine"}, "main or held_out"),
        ({"input": 1, "characteristics": "Polite"}, "list of sentences"),
        ({"input": 1, "is_draft": "no"}, "true or false"),
        ({"wrong": 1}, "no field"),
    ],
)
def test_odd_values_are_refused_in_words(
    project: Project, fields: dict[str, Any], where: str
) -> None:
    with pytest.raises(BadItem, match=where):
        make_dataset(project, "odd", item(None, "odd", **fields) if "input" not in fields
                     else item(fields.pop("input"), "odd", **fields))  # fmt: skip


def test_names_are_kept_apart(project: Project) -> None:
    make_dataset(project, "evals/capitals")
    for name in ("evals/capitals", "", "a//b", "a/items/b", "x@3", "a\nb", "y" * 256):
        with pytest.raises(BadDataset):
            create_dataset(project, name, actor=None)


def test_an_item_belongs_to_one_dataset(project: Project) -> None:
    make_dataset(project, "capitals", FRANCE)
    with pytest.raises(BadItem, match="another dataset"):
        make_dataset(project, "others", FRANCE)


def test_what_a_gate_uses_is_not_archived(project: Project, alice: User) -> None:
    dataset = make_dataset(project, "capitals", FRANCE)
    gate = make_gate(make_version(project).prompt, dataset)
    change_items(dataset, [SPAIN], actor=alice)
    gate.refresh_from_db()
    assert gate.dataset_version == 1
    with pytest.raises(InUse, match="refund-agent in production"):
        archive_dataset(dataset, actor=alice)
    gate.delete()
    assert archive_dataset(dataset, actor=alice).archived_at is not None
    assert restore_dataset(dataset, actor=alice).archived_at is None
    assert version_of(dataset, 2) == version_of(dataset)
    told = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    assert told[0] == "dataset.created"
    assert told[-3:] == ["dataset.changed", "dataset.archived", "dataset.restored"]
