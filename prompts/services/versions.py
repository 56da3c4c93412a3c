"""Prompts and their versions: made, described, archived. A version never changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.access import role_in
from accounts.models import ApiKey, Project, Role, Scope, User
from accounts.services.trail import Actor, person, record, responsible
from prompts.content import Content, checked
from prompts.models import ChangeRequest, LabelMove, Prompt, PromptVersion, Rollout
from prompts.models.registry import facts_of
from prompts.queries.resolving import resolver
from prompts.rendering import Node, Resolved, compose, references_of, variables_of
from prompts.rules.names import fault_of_name
from prompts.services.errors import BadName, InUse, NoSuchVersion, NotYours, OtherType
from prompts.services.locking import label_of, lock, pages_changed, reads_changed
from prompts.services.moving import move, refuse_protected, wanted_labels
from prompts.services.news import tell_of_version

MOST_TAGS = 50
LONGEST_MESSAGE = 10_000
LONGEST_VARIABLE = 200  # what is longer between braces is text that nobody fills in


@dataclass(frozen=True)
class NewVersion:
    """What somebody wants to add. `parent` None: the newest version that stands.

    `tags` and `description` are those of the prompt: None leaves them as they are. The version
    itself keeps the tags that were given with it.
    """

    content: Content
    message: str = ""
    parent: int | None = None
    tags: Sequence[str] | None = None
    description: str | None = None
    origin: PromptVersion.Origin = PromptVersion.Origin.PAGE
    number: int | None = None  # only for files that state it: it must be the next one
    labels: Sequence[str] = ()
    made_at: datetime | None = None  # only for the demo's story; None: now


@transaction.atomic
def create_version(project: Project, name: str, new: NewVersion, *, actor: Actor) -> PromptVersion:
    """Add a version to the prompt called `name`, which is made where it does not exist.

    Numbers have no gaps, also when many are made at once: each waits for the prompt's row. A prompt
    that was archived comes back with its next version. Of `labels` only free ones move to it; with
    a protected one among them nothing is made.

    Raises: BadName, BadContent, BadReference, OtherType, NoSuchVersion (of the parent),
    ProtectedLabel, InUse (a rollout of such a label runs).
    """
    if fault := fault_of_name(name):
        raise BadName(fault)
    labels = wanted_labels(new.labels)
    refuse_protected(project, name, labels)
    content = checked(new.content)
    prompt = _prompt(project, name, content, actor)
    if prompt.kind != content.kind:
        raise OtherType(
            f"{name} is a {prompt.kind} prompt; a {content.kind} one needs another name."
        )
    _refuse_cycles(project, name, content)
    version = PromptVersion(
        prompt=prompt,
        number=prompt.last_number + 1,
        parent=_parent(prompt, new.parent),
        message=new.message[:LONGEST_MESSAGE].replace("\0", ""),
        author=responsible(actor),
        author_label=label_of(actor),
        tags=_tags(new.tags or ()),
        origin=new.origin,
        created_at=new.made_at or timezone.now(),
        variables=[name for name in variables_of(content) if len(name) <= LONGEST_VARIABLE],
        references=[asdict(reference) for reference in references_of(content)],
        **facts_of(content),
    )
    if new.number is not None and new.number != version.number:
        raise NoSuchVersion(f"The next version of {name} is {version.number}, not {new.number}.")
    version.save(force_insert=True)
    prompt.last_number = version.number
    prompt.changed_at = timezone.now()
    prompt.archived_at = None
    if new.tags is not None:
        prompt.tags = version.tags
    if new.description is not None:
        prompt.description = new.description.replace("\0", "")
    prompt.save()
    record(
        "prompt_version.created",
        actor=actor,
        project=project,
        subject=version,
        prompt=name,
        number=version.number,
        content_hash=version.content_hash,
        message=version.message,
        origin=str(version.origin),
    )
    for label in labels:
        move(prompt, label, version, cause=LabelMove.Cause.SET, actor=actor)
    reads_changed(project.pk)
    pages_changed(project.pk)
    tell_of_version(version, actor=actor)
    return version


@transaction.atomic
def describe(
    prompt: Prompt,
    *,
    actor: Actor,
    description: str | None = None,
    tags: Sequence[str] | None = None,
    owner: User | bool | None = False,
) -> Prompt:
    """Change what is said about a prompt; None leaves a text, False the owner as it is.

    Owners let checks pass, so that nobody makes themselves one. Raises: NotYours.
    """
    prompt = lock(prompt.pk)
    before = {"description": prompt.description, "tags": prompt.tags, "owner": str(prompt.owner)}
    if description is not None:
        prompt.description = description.replace("\0", "")
    if tags is not None:
        prompt.tags = _tags(tags)
    if not isinstance(owner, bool) and owner != prompt.owner:
        if not _hands_over(prompt, actor):
            raise NotYours("The owner of the prompt, or an admin, says who owns it.")
        prompt.owner = owner
    after = {"description": prompt.description, "tags": prompt.tags, "owner": str(prompt.owner)}
    if before == after:
        return prompt
    prompt.changed_at = timezone.now()
    prompt.save()
    if prompt.tags != before["tags"]:
        prompt.versions.update(tags=prompt.tags)
    record(
        "prompt.described",
        actor=actor,
        project=prompt.project,
        subject=prompt,
        before={name: value for name, value in before.items() if value != after[name]},
        after={name: value for name, value in after.items() if value != before[name]},
    )
    reads_changed(prompt.project_id)
    pages_changed(prompt.project_id)
    return prompt


@transaction.atomic
def archive_versions(prompt: Prompt, numbers: Sequence[int], *, actor: Actor) -> list[int]:
    """Take versions out of use: they no longer resolve, while history and traces keep them.

    All of `numbers` or none. Those archived already are passed over; the rest are returned.
    Raises: NoSuchVersion, InUse (naming what points at a version).
    """
    prompt = lock(prompt.pk)
    versions = {v.number: v for v in prompt.versions.filter(number__in=numbers)}
    if missing := sorted(set(numbers) - set(versions)):
        raise NoSuchVersion(f"{prompt.name} has no version {missing[0]}.")
    live = [version for version in versions.values() if version.archived_at is None]
    for version in live:
        if users := what_points_at(version):
            raise InUse(f"{prompt.name} v{version.number} is in use: {'; '.join(users)}.")
    _archive(prompt, live, actor)
    return sorted(version.number for version in live)


@transaction.atomic
def archive_prompt(prompt: Prompt, *, actor: Actor) -> None:
    """Take the whole prompt out of use. Raises: InUse."""
    prompt = lock(prompt.pk)
    live = list(prompt.versions.filter(archived_at=None))
    for version in live:
        if users := what_points_at(version):
            raise InUse(f"{prompt.name} is in use: v{version.number}, {'; '.join(users)}.")
    _archive(prompt, live, actor)


def what_points_at(version: PromptVersion) -> list[str]:
    """What keeps a version from being archived, in words: labels, open reviews, rollouts."""
    users = [f"the label {label.name} points at it" for label in version.labels.all()]
    open_requests = ChangeRequest.objects.filter(
        prompt_id=version.prompt_id,
        status__in=ChangeRequest.STANDING,
    )
    users += [
        f"review #{request.number} is open"
        for request in open_requests
        if version.pk in {request.version_id, request.from_version_id}
    ]
    running = Rollout.objects.filter(prompt_id=version.prompt_id, status__in=Rollout.RUNNING)
    users += [
        f"a rollout of {rollout.label} runs"
        for rollout in running
        if version.pk in {rollout.base_id, rollout.candidate_id} and rollout.request_id is None
    ]
    return users


def _hands_over(prompt: Prompt, actor: Actor) -> bool:
    """True when the actor may say who owns the prompt."""
    if isinstance(actor, ApiKey):
        return Scope.ADMIN in actor.scopes
    if isinstance(actor, User) and actor.pk != prompt.owner_id:
        role = role_in(actor, prompt.project)
        return role is not None and role.rank >= Role.ADMIN.rank
    return True


def _archive(prompt: Prompt, versions: list[PromptVersion], actor: Actor) -> None:
    now = timezone.now()
    numbers = sorted(version.number for version in versions)
    prompt.versions.filter(pk__in=[version.pk for version in versions]).update(
        archived_at=now, archived_by=person(actor)
    )
    if not prompt.versions.filter(archived_at=None).exists():
        prompt.archived_at = now
    if numbers:
        prompt.changed_at = now
        prompt.save()
        record(
            "prompt_version.archived",
            actor=actor,
            project=prompt.project,
            subject=prompt,
            prompt=prompt.name,
            numbers=numbers,
        )
        reads_changed(prompt.project_id)
        pages_changed(prompt.project_id)


def _prompt(project: Project, name: str, content: Content, actor: Actor) -> Prompt:
    """The prompt of that name under lock, made where there is none."""
    Prompt.objects.bulk_create(
        [Prompt(project=project, name=name, kind=content.kind, owner=person(actor))],
        ignore_conflicts=True,
    )
    return lock(Prompt.objects.only("pk").get(project=project, name=name).pk)


def _parent(prompt: Prompt, number: int | None) -> PromptVersion | None:
    if number is None:
        return prompt.versions.filter(archived_at=None).order_by("-number").first()
    parent = prompt.versions.filter(number=number).first()
    if parent is None:
        raise NoSuchVersion(f"{prompt.name} has no version {number}.")
    return parent


def _refuse_cycles(project: Project, name: str, content: Content) -> None:
    """References are followed at each read; a circle is refused here already, where it is seen.

    What does not exist yet may come: it is refused only when it is read. Raises: BadReference.
    """
    find = resolver(project.pk)
    nothing = Resolved(0, Content(kind="text", prompt=""))
    compose(content, lambda reference: find(reference) or nothing, root=Node(name, None))


def _tags(tags: Sequence[str]) -> list[str]:
    clean = dict.fromkeys(tag.replace("\0", "").strip()[:100] for tag in tags)
    return [tag for tag in clean if tag][:MOST_TAGS]
