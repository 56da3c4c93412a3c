"""Datasets as others read them: by name, the items of a version, who may open held-out ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts.access import role_in
from accounts.models import ApiKey, Project, Role, User
from evals.models import Dataset, DatasetVersion, Gate, ItemRevision, Split
from prompts.models import PromptVersion

HELD_OUT_RULE = (
    "Held-out items are opened by people with the role reviewer or above who wrote no version of "
    "a prompt that a gate judges by this dataset. Keys never read them; experiments and gates do."
)


@dataclass(frozen=True)
class HeldOut:
    """May somebody read held-out items, and the sentence that says why not."""

    may_open: bool
    why: str = ""


def dataset_named(project: Project, name: str) -> Dataset | None:
    """The dataset, also one that is archived; None where there is none of the name."""
    found = Dataset.objects.filter(project=project, name=name)
    return found.select_related("project__organization", "owner").first()


def version_of(dataset: Dataset, number: int | None = None) -> DatasetVersion | None:
    """A version by its number, or the newest; None where there is none."""
    found = dataset.versions.select_related("author")
    if number is None:
        return found.order_by("-number").first()
    return found.filter(number=number).first()


def revisions_at(dataset: Dataset, version: int) -> QuerySet[ItemRevision]:
    """What every item says in a version: both splits, drafts and archived ones, oldest first."""
    return (
        ItemRevision.objects.filter(dataset=dataset, since__lte=version)
        .filter(Q(until=None) | Q(until__gt=version))
        .select_related("item")
        .order_by("item_id")
    )


def items_of(
    dataset: Dataset,
    version: int,
    *,
    splits: Sequence[str] = (),
    slices: Sequence[str] = (),
    with_drafts: bool = False,
) -> QuerySet[ItemRevision]:
    """What a run takes of a version, in an order that never changes: that of their making.

    No `splits` is the main one alone, no `slices` is all of them. Archived items take no part.
    """
    found = revisions_at(dataset, version).filter(
        split__in=list(splits) or [Split.MAIN], is_archived=False
    )
    if slices:
        found = found.filter(slice__in=list(slices))
    return found if with_drafts else found.filter(is_draft=False)


def held_out_for(user: User | None, role: Role | None, dataset: Dataset) -> HeldOut:
    """May this person open the held-out items of `dataset`, and why not. See HELD_OUT_RULE."""
    if user is None or role is None:
        return HeldOut(False, "A key never reads held-out items.")
    if role.rank < Role.REVIEWER.rank:
        return HeldOut(
            False, f"Held-out items need the role reviewer or above; yours is {role.label.lower()}."
        )
    prompts = Gate.objects.filter(dataset=dataset).values("prompt")
    authored = PromptVersion.objects.filter(prompt__in=prompts, author=user)
    if one := authored.select_related("prompt").first():
        return HeldOut(
            False,
            f"You wrote version {one.number} of {one.prompt.name}, whose gate uses this dataset.",
        )
    return HeldOut(True)


def may_open_held_out(user: User | None, role: Role | None, dataset: Dataset) -> bool:
    """True where this person may read the held-out items of `dataset`; no key ever may."""
    return held_out_for(user, role, dataset).may_open


def held_out_for_actor(actor: User | ApiKey | None, dataset: Dataset) -> HeldOut:
    """The same for whoever acts; the product itself (None) may, since it runs gates."""
    if actor is None:
        return HeldOut(True)
    if isinstance(actor, ApiKey):
        return held_out_for(None, None, dataset)
    return held_out_for(actor, role_in(actor, dataset.project), dataset)


def gates_using(dataset: Dataset) -> QuerySet[Gate]:
    """The gates that judge by this dataset, by prompt and environment."""
    found = dataset.gates.select_related("prompt", "project")
    return found.order_by("prompt__name", "environment")
