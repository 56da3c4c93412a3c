"""Files applied to a project: every step of the plan, each a service and a transaction of its own.

What was interrupted is simply applied again: what stands already is no step any more.
"""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Project
from accounts.services.trail import Actor
from kit.errors import DomainError
from prompts.files import PromptFile, PromptFiles, RegistryFiles, Step, VersionFile
from prompts.models import ChangeRequest, Prompt, PromptVersion
from prompts.queries.files import plan_of, waiting_reviews
from prompts.services.errors import NothingToDo
from prompts.services.moving import remove_label, set_labels
from prompts.services.proposing import Proposal, propose
from prompts.services.versions import (
    NewVersion,
    archive_prompt,
    archive_versions,
    create_version,
    describe,
)


class Conflicting(DomainError):
    """Files and project contradict each other; nothing was applied. `steps` are the conflicts."""

    def __init__(self, steps: list[Step]) -> None:
        super().__init__("Nothing was applied: " + "; ".join(map(str, steps)) + ".")
        self.steps = steps


@dataclass(frozen=True)
class Taken:
    """A step that was taken. `request` is the review of a protected label, opened now or before."""

    step: Step
    request: ChangeRequest | None = None


def apply_files(
    project: Project, files: RegistryFiles, *, prune: bool = False, actor: Actor
) -> list[Taken]:
    """Let the project hold what `files` say; protected labels are proposed as reviews.

    With a conflict nothing is done. Applied again, the rest is done; where all stands, nothing is.
    Raises: Conflicting, and what the services of the steps refuse (a rollout of a label runs, …).
    """
    steps = plan_of(project, files, prune=prune)
    if conflicts := [step for step in steps if step.is_conflict]:
        raise Conflicting(conflicts)
    last = {step.prompt: step.number for step in steps if step.act == "create_version"}
    taken = []
    for step in steps:
        said = files.prompts.get(step.prompt)
        taken.append(Taken(step, _take(project, said, step, actor)))
        if said is not None and step.act == "create_version" and step.number == last[step.prompt]:
            _describe(_prompt(project, step), said.prompt, actor)
    return taken


def _take(
    project: Project, said: PromptFiles | None, step: Step, actor: Actor
) -> ChangeRequest | None:
    number = step.number or 0
    if step.act == "create_prompt":
        return None  # its first version makes it
    if step.act == "create_version" and said is not None:
        new = _new_version(said.prompt, said.versions[number])
        create_version(project, step.prompt, new, actor=actor)
        return None
    prompt = _prompt(project, step)
    if step.act == "describe" and said is not None:
        _describe(prompt, said.prompt, actor)
    elif step.act == "move_label":
        set_labels(prompt, number, [step.label], actor=actor)
    elif step.act == "propose_label":
        return _propose(prompt, step, actor)
    elif step.act == "remove_label":
        remove_label(prompt, step.label, actor=actor)
    elif step.act == "archive_version":
        archive_versions(prompt, [number], actor=actor)
    elif step.act == "archive_prompt":
        archive_prompt(prompt, actor=actor)
    return None


def _new_version(prompt: PromptFile, version: VersionFile) -> NewVersion:
    """With the tags of its file; without any, those of the prompt stay unless it has none."""
    tags = version.tags if version.tags or not prompt.tags else None
    return NewVersion(
        content=version.content,
        message=version.message,
        parent=version.parent,
        tags=tags,
        origin=PromptVersion.Origin.FILES,
        number=version.number,
    )


def _describe(prompt: Prompt, said: PromptFile, actor: Actor) -> None:
    """The file's description, and its tags where they differ in more than their order."""
    tags = said.tags if set(said.tags) != set(prompt.tags) else None
    describe(prompt, description=said.description, tags=tags, actor=actor)


def _propose(prompt: Prompt, step: Step, actor: Actor) -> ChangeRequest | None:
    """The review that asks for the move: one that waits already, else a new one."""
    assert step.number is not None  # noqa: S101  (a label moves to a version)
    wanted = (step.prompt, step.label, step.number)
    if (waiting := waiting_reviews(prompt.project).get(wanted)) is not None:
        return waiting
    version = prompt.versions.get(number=step.number)
    proposal = Proposal(step.label, step.number, version.message.strip().split("\n", 1)[0])
    try:
        return propose(prompt, proposal, actor=actor)
    except NothingToDo:  # somebody else was faster
        return waiting_reviews(prompt.project).get(wanted)


def _prompt(project: Project, step: Step) -> Prompt:
    return Prompt.objects.select_related("project").get(project=project, name=step.prompt)
