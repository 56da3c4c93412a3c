"""Prompts in lists: narrowed, and of each its newest version, its numbers and its labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from prompts.models import Label, LabelMove, Prompt, PromptVersion
from prompts.rules.names import LATEST


@dataclass(frozen=True)
class PromptFilter:
    """What a list is narrowed by; '' and None narrow nothing. `folder` holds those below it."""

    name: str = ""
    folder: str = ""
    tag: str = ""
    label: str = ""
    version: int | None = None
    search: str = ""  # a part of the name or of the description, in any case
    since: datetime | None = None  # changed at or after
    until: datetime | None = None
    is_archived: bool = False


@dataclass(frozen=True)
class ListedPrompt:
    """A prompt with what a list says of it. `numbers` are those of its versions that stand."""

    prompt: Prompt
    newest: PromptVersion | None  # None: it is archived
    numbers: list[int]
    labels: list[Label]

    def labels_on(self, number: int) -> list[str]:
        """Names of the labels on a version, `latest` last."""
        found = [label.name for label in self.labels if label.version.number == number]
        is_newest = self.newest is not None and self.newest.number == number
        return [*found, LATEST] if is_newest else found


def prompts_matching(project_id: int, wanted: PromptFilter) -> QuerySet[Prompt]:
    """The prompts that `wanted` names, by name."""
    found = Prompt.objects.filter(
        project_id=project_id, archived_at__isnull=not wanted.is_archived
    ).select_related("owner", "project")
    if wanted.name:
        found = found.filter(name=wanted.name)
    if wanted.folder:
        found = found.filter(name__startswith=f"{wanted.folder.strip('/')}/")
    if wanted.tag:
        found = found.filter(tags__contains=[wanted.tag])
    if wanted.search:
        holds = Q(name__icontains=wanted.search) | Q(description__icontains=wanted.search)
        found = found.filter(holds)
    if wanted.label and wanted.label != LATEST:
        found = found.filter(Exists(Label.objects.filter(prompt=OuterRef("pk"), name=wanted.label)))
    if wanted.version is not None:
        standing = PromptVersion.objects.filter(prompt=OuterRef("pk"), archived_at=None)
        found = found.filter(Exists(standing.filter(number=wanted.version)))
    if wanted.since is not None:
        found = found.filter(changed_at__gte=wanted.since)
    if wanted.until is not None:
        found = found.filter(changed_at__lt=wanted.until)
    return found.order_by("name")


def with_versions(prompts: Sequence[Prompt]) -> list[ListedPrompt]:
    """The same prompts with their versions and labels, in three queries."""
    standing = PromptVersion.objects.filter(prompt__in=prompts, archived_at=None)
    newest = {
        version.prompt_id: version
        for version in standing.order_by("prompt_id", "-number").distinct("prompt_id")
    }
    numbers: dict[int, list[int]] = {}
    for pk, number in standing.order_by("number").values_list("prompt_id", "number"):
        numbers.setdefault(pk, []).append(number)
    labels: dict[int, list[Label]] = {}
    stored = Label.objects.filter(prompt__in=prompts).select_related("version")
    for label in stored.defer("version__body").order_by("name"):
        labels.setdefault(label.prompt_id, []).append(label)
    return [
        ListedPrompt(
            prompt, newest.get(prompt.pk), numbers.get(prompt.pk, []), labels.get(prompt.pk, [])
        )
        for prompt in prompts
    ]


def version_of(prompt: Prompt, number: int) -> PromptVersion | None:
    """The version of that number, also one that is archived."""
    found = prompt.versions.select_related("parent").filter(number=number).first()
    if found is not None:
        found.prompt = prompt
    return found


def versions_of(prompt: Prompt, *, with_archived: bool) -> QuerySet[PromptVersion]:
    """Its versions without what they hold, the newest first."""
    found = PromptVersion.objects.filter(prompt=prompt).order_by("-number")
    held = ("body", "tools", "response_schema", "parameters", "config")
    found = found.select_related("parent", "prompt__project").defer(
        *held, *(f"parent__{name}" for name in held)
    )
    return found if with_archived else found.filter(archived_at=None)


def label_of(prompt: Prompt, name: str) -> Label | None:
    """A label where it stands."""
    named = prompt.labels.select_related("version").filter(name=name)
    return named.first() if "\0" not in name else None


def moves_of(prompt: Prompt, *, label: str = "") -> QuerySet[LabelMove]:
    """Moves of its labels, the newest first."""
    found = prompt.moves.select_related("from_version", "to_version", "request").order_by("-pk")
    return found.filter(label=label) if label else found


def labels_on(version: PromptVersion) -> list[str]:
    """Names of the labels on one version, `latest` last."""
    found = list(version.labels.order_by("name").values_list("name", flat=True))
    standing = PromptVersion.objects.filter(prompt_id=version.prompt_id, archived_at=None)
    newest = standing.order_by("-number").values_list("number", flat=True).first()
    return [*found, LATEST] if newest == version.number else found
