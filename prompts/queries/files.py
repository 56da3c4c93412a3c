"""A project's registry as files hold it, and as a plan compares it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from django.db.models import Sum, TextField
from django.db.models.functions import Cast, Length

from accounts.models import Project
from kit.errors import DomainError
from prompts.files import (
    PromptFile,
    PromptFiles,
    RegistryFiles,
    RegistryState,
    Step,
    StoredPrompt,
    VersionFile,
    plan,
)
from prompts.models import ChangeRequest, Label, Prompt, PromptVersion
from prompts.queries.environments import protected_labels

MOST_CHARACTERS = 64_000_000  # of all texts: an export is built in memory


class TooMuch(DomainError):
    """The registry is larger than one export can be."""


def plan_of(project: Project, files: RegistryFiles, *, prune: bool = False) -> list[Step]:
    """What would have to happen for the project to hold what `files` say; [] where it does."""
    return plan(files, registry_state(project), prune=prune)


def registry_state(project: Project) -> RegistryState:
    """Every prompt of the project with the hashes of its versions, archived ones too."""
    hashes: dict[int, dict[int, str]] = defaultdict(dict)
    archived: dict[int, set[int]] = defaultdict(set)
    rows = PromptVersion.objects.filter(prompt__project=project)
    for prompt_id, number, content_hash, archived_at in rows.values_list(
        "prompt_id", "number", "content_hash", "archived_at"
    ):
        hashes[prompt_id][number] = content_hash
        if archived_at is not None:
            archived[prompt_id].add(number)
    labels = _labels(project)
    return RegistryState(
        {
            prompt.name: StoredPrompt(
                prompt.kind,
                prompt.description,
                tuple(prompt.tags),
                labels.get(prompt.pk, {}),
                hashes[prompt.pk],
                frozenset(archived[prompt.pk]),
                prompt.archived_at is not None,
            )
            for prompt in Prompt.objects.filter(project=project)
        },
        protected_labels(project),
    )


def registry_files(project: Project) -> RegistryFiles:
    """All prompts and versions of the project, archived ones too. Raises: TooMuch."""
    rows = PromptVersion.objects.filter(prompt__project=project)
    size = sum(
        rows.aggregate(
            **{
                column: Sum(Length(Cast(column, TextField())), default=0)
                for column in ("body", "tools", "response_schema", "parameters", "config")
            }
        ).values()
    )
    if size > MOST_CHARACTERS:
        raise TooMuch(
            f"The registry holds {size:,} characters; an export has at most {MOST_CHARACTERS:,}."
        )
    prompts = {prompt.pk: prompt for prompt in Prompt.objects.filter(project=project)}
    labels = _labels(project)
    versions: dict[int, dict[int, VersionFile]] = defaultdict(dict)
    for version in rows.select_related("parent").order_by("prompt_id", "number"):
        if version.prompt_id in prompts:
            kind = prompts[version.prompt_id].kind
            versions[version.prompt_id][version.number] = _file_of(version, kind)
    return RegistryFiles(
        {
            prompt.name: PromptFiles(
                PromptFile(
                    prompt.name,
                    "chat" if prompt.kind == Prompt.Type.CHAT else "text",
                    prompt.description,
                    tuple(prompt.tags),
                    labels.get(pk, {}),
                ),
                versions[pk],
            )
            for pk, prompt in prompts.items()
        }
    )


def waiting_reviews(project: Project) -> dict[tuple[str, str, int], ChangeRequest]:
    """Open change requests by prompt, label and the version that they propose."""
    waiting = ChangeRequest.objects.filter(
        project=project, status__in=ChangeRequest.STANDING
    ).select_related("prompt", "version")
    return {(one.prompt.name, one.label, one.version.number): one for one in waiting}


def statuses_of(project: Project, numbers: Collection[int]) -> dict[int, str]:
    """Where the change requests with these numbers stand."""
    found = ChangeRequest.objects.filter(project=project, number__in=numbers)
    return dict(found.values_list("number", "status"))


def _labels(project: Project) -> dict[int, dict[str, int]]:
    labels: dict[int, dict[str, int]] = defaultdict(dict)
    rows = Label.objects.filter(prompt__project=project)
    for prompt_id, name, number in rows.values_list("prompt_id", "name", "version__number"):
        labels[prompt_id][name] = number
    return labels


def _file_of(version: PromptVersion, kind: str) -> VersionFile:
    return VersionFile(
        version.number,
        version.content(kind),
        version.message,
        version.parent.number if version.parent else None,
        tuple(version.tags),
        version.author_label,
        version.created_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        version.archived_at is not None,
    )
