"""What a reference, a label or a number of a prompt stands for now."""

from __future__ import annotations

from collections.abc import Callable

from prompts.models import Prompt, PromptVersion
from prompts.rendering import Reference, Resolved
from prompts.rules.names import LATEST


def get_prompt(project_id: int, name: str) -> Prompt | None:
    """The prompt of that name, also one that is archived; with its project and organization."""
    found = Prompt.objects.filter(project_id=project_id, name=name.replace("\0", ""))
    return found.select_related("project__organization", "owner").first()


def get_version(
    prompt: Prompt, *, number: int | None = None, label: str | None = None
) -> PromptVersion | None:
    """The version of that number, or where the label points; None where nothing resolves.

    `latest` is the newest version that is not archived. A rollout is not asked: this is where the
    label stands, not what a key is served.
    """
    standing = prompt.versions.filter(archived_at=None)
    if number is not None:
        return standing.filter(number=number).first() if abs(number) < 2**31 else None
    if label == LATEST:
        return standing.order_by("-number").first()
    return standing.filter(labels__name=label).first()


def resolver(project_id: int) -> Callable[[Reference], Resolved | None]:
    """A function that follows references within the project, for `prompts.rendering.compose`."""

    def resolve(reference: Reference) -> Resolved | None:
        prompt = get_prompt(project_id, reference.name)
        if prompt is None:
            return None
        version = get_version(prompt, number=reference.version, label=reference.label)
        if version is None:
            return None
        return Resolved(version.number, version.content(prompt.kind))

    return resolve
