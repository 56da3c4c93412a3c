"""Held-out items: who opens them, and that nobody else changes them; drafts need a person."""

from __future__ import annotations

import pytest

from accounts.access import role_in
from accounts.models import ApiKey, Project, User
from evals.models import Dataset
from evals.queries.datasets import held_out_for_actor, items_of, may_open_held_out
from evals.services.datasets import ChangeItem, PutItem, RemoveItem, change_items
from evals.services.errors import HeldOutItem, NeedsPerson
from tests.evals.making import item, make_dataset, make_gate
from tests.factories import Key
from tests.prompts.making import make_reviewer, make_version


@pytest.fixture
def dataset(project: Project) -> Dataset:
    return make_dataset(project, "golden", item("open", "open"), item("x", "h", split="held_out"))


def _may(user: User, dataset: Dataset) -> bool:
    return may_open_held_out(user, role_in(user, dataset.project), dataset)


def test_reviewers_open_them_unless_they_wrote_what_is_judged(
    project: Project, dataset: Dataset, bob: User, charlie: User
) -> None:
    reviewer = make_reviewer(project, "dora")
    prompt = make_version(project, actor=reviewer).prompt
    assert _may(reviewer, dataset)
    assert not _may(bob, dataset)  # an engineer
    assert not _may(charlie, dataset)  # a stranger
    make_gate(prompt, dataset)
    assert not _may(reviewer, dataset)
    assert "You wrote version 1 of refund-agent" in held_out_for_actor(reviewer, dataset).why
    assert _may(make_reviewer(project, "erik"), dataset)


def test_who_may_not_open_them_changes_none(
    project: Project, dataset: Dataset, bob: User, key: Key
) -> None:
    api_key = ApiKey.objects.get(project=project)
    for actor in (bob, api_key):
        for change in (
            ChangeItem("h", {"split": "main"}),
            PutItem({"slice": "edge"}, key="h"),
            RemoveItem("h"),
        ):
            with pytest.raises(HeldOutItem):
                change_items(dataset, [change], actor=actor)
        change_items(dataset, [item("new", split="held_out")], actor=actor)
    change_items(dataset, [ChangeItem("h", {"split": "main"})], actor=make_reviewer(project, "eva"))


def test_a_person_takes_over_a_draft(
    project: Project, dataset: Dataset, bob: User, key: Key
) -> None:
    drafted = PutItem({"input": "made up"}, key="d", source="synthetic")
    api_key = ApiKey.objects.get(project=project)
    version = change_items(dataset, [drafted], actor=api_key)
    assert [row.item.key for row in items_of(dataset, version.number)] == ["open"]
    with pytest.raises(NeedsPerson):
        change_items(dataset, [ChangeItem("d", {"is_draft": False})], actor=api_key)
    version = change_items(dataset, [ChangeItem("d", {"is_draft": False})], actor=bob)
    assert [row.item.key for row in items_of(dataset, version.number)] == ["open", "d"]
