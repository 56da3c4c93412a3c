"""The demo's golden dataset, in the versions in which it grew."""

from __future__ import annotations

from evals.demo.cases import Case, cases
from evals.models import Dataset, DatasetItem, DatasetVersion, ItemRevision, Source, Split
from evals.services.datasets import (
    AddItem,
    ChangeItem,
    RemoveItem,
    change_items,
    create_dataset,
)
from evals.services.items import Change
from prompts.demo import Story

NAME = "refunds-golden"
_WRITTEN = 12  # cases that a person wrote come first
_ABOUT = (
    "Refunds, returns and late parcels as customers ask for them, with what a good answer says. "
    "The gate of refund-agent judges by it."
)
# Days ago, by whom, and what they said of it.
_MADE = (
    (58.0, "lena", "What went wrong in the first weeks, written down"),
    (41.3, "priya", "From conversations of October, one for each concern and item"),
    (40.9, "lena", "Held out a tenth, so that no prompt is written for them"),
    (17.5, "priya", "Drafts by a model, to be reviewed"),
    (13.6, "aiko", "Rent due Friday: the answer names no day; a case that repeats another is gone"),
)


def make_golden(story: Story) -> Dataset:
    """Make it with its history. Whoever calls sees to it that it is made once."""
    people, all_cases = story.people, cases(story.seed)
    dataset = create_dataset(
        story.project, NAME, description=_ABOUT, owner=people["lena"], actor=people["lena"]
    )
    written, filled = all_cases[:_WRITTEN], all_cases[_WRITTEN:]
    drafts = [case for case in filled if case.is_draft]
    kept = [case for case in filled if not case.is_draft]
    changes: tuple[list[Change], ...] = (
        [added(case, Source.HUMAN) for case in written],
        [added(case, Source.PRODUCTION) for case in kept],
        [
            ChangeItem(case.key, {"split": Split.HELD_OUT.value})
            for case in kept
            if case.is_held_out
        ],
        [added(case, Source.SYNTHETIC) for case in drafts],
        [
            ChangeItem(written[1].key, {"title": written[1].title, "cluster": "refund-times"}),
            RemoveItem(kept[-1].key),
        ],
    )
    for (days, who, message), some in zip(_MADE, changes, strict=True):
        version = change_items(dataset, some, actor=people[who], message=message)
        at = story.at(days)
        DatasetVersion.objects.filter(pk=version.pk).update(created_at=at)
        ItemRevision.objects.filter(dataset=dataset, since=version.number).update(created_at=at)
        DatasetItem.objects.filter(dataset=dataset, revisions__since=version.number).filter(
            created_at__gt=at
        ).update(created_at=at)
    Dataset.objects.filter(pk=dataset.pk).update(
        created_at=story.at(_MADE[0][0]), changed_at=story.at(_MADE[-1][0])
    )
    dataset.refresh_from_db()
    return dataset


def input_of(case: Case) -> dict[str, str]:
    """The variables of the prompt, as an item holds them."""
    return {"question": case.question}


def added(case: Case, source: Source) -> AddItem:
    """A case as an item of a dataset."""
    document = case.document
    return AddItem(
        {
            "title": case.title,
            "input": input_of(case),
            "expected": case.expected,
            "characteristics": list(case.characteristics),
            "metadata": {"policy": document["id"], "documents": [document]},
            "slice": case.slice,
            "is_draft": case.is_draft,
        },
        key=case.key,
        source=source.value,
    )
