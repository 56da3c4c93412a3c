"""Makes datasets and their like through the services, with only what matters said."""

from __future__ import annotations

from typing import Any

from accounts.models import Project
from accounts.services.trail import Actor
from evals.models import Dataset, Gate
from evals.services.datasets import AddItem, change_items, create_dataset
from prompts.models import Prompt


def item(input: Any, key: str = "", **fields: Any) -> AddItem:
    """An item to be added."""
    return AddItem({"input": input, **fields}, key=key)


def make_dataset(
    project: Project, name: str = "capitals", *items: AddItem, actor: Actor = None, **fields: Any
) -> Dataset:
    """A dataset with `items` as its version 1; without any it has no version."""
    dataset = create_dataset(project, name, actor=actor, **fields)
    if items:
        change_items(dataset, items, actor=actor, message="First items")
        dataset.refresh_from_db()
    return dataset


def make_gate(prompt: Prompt, dataset: Dataset, **fields: Any) -> Gate:
    """The gate of a prompt in production, as an approved proposal leaves it."""
    return Gate.objects.create(
        project=prompt.project,
        prompt=prompt,
        dataset=dataset,
        dataset_version=dataset.last_number,
        **fields,
    )
