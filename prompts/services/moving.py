"""Labels: set where they are free, refused where a review must move them; every move is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone

from accounts.models import Project
from accounts.services.trail import Actor, person, record
from prompts.addresses import proposal_page
from prompts.models import ChangeRequest, Label, LabelMove, Prompt, PromptVersion, Rollout
from prompts.queries.environments import protected_among
from prompts.rules.names import LATEST, fault_of_label
from prompts.services.errors import BadName, InUse, NoSuchVersion, ProtectedLabel
from prompts.services.locking import label_of, lock, pages_changed, reads_changed
from prompts.services.news import tell_of_move


@transaction.atomic
def set_labels(prompt: Prompt, number: int, labels: Sequence[str], *, actor: Actor) -> list[str]:
    """Let each of `labels` point at version `number`; all of them move, or none.

    Returns those that moved. Raises: BadName, NoSuchVersion, ProtectedLabel, InUse.
    """
    prompt = lock(prompt.pk)
    names = wanted_labels(labels)
    version = standing_version(prompt, number)
    pointing = {label.name for label in version.labels.all()}
    names = [name for name in names if name not in pointing]
    refuse_protected(prompt.project, prompt.name, names, number=number)
    for name in names:
        move(prompt, name, version, cause=LabelMove.Cause.SET, actor=actor)
    if names:
        reads_changed(prompt.project_id)
        pages_changed(prompt.project_id)
    return names


@transaction.atomic
def remove_label(prompt: Prompt, name: str, *, actor: Actor) -> bool:
    """Take a free label away; False where it does not stand. Raises: ProtectedLabel, InUse."""
    prompt = lock(prompt.pk)
    if fault_of_label(name) or not prompt.labels.filter(name=name).exists():
        return False
    refuse_protected(prompt.project, prompt.name, [name])
    move(prompt, name, None, cause=LabelMove.Cause.REMOVED, actor=actor)
    reads_changed(prompt.project_id)
    pages_changed(prompt.project_id)
    return True


def move(
    prompt: Prompt,
    name: str,
    version: PromptVersion | None,
    *,
    cause: LabelMove.Cause,
    actor: Actor,
    request: ChangeRequest | None = None,
    reason: str = "",
) -> LabelMove | None:
    """Point the label at `version` (None: take it away) under the caller's lock, and keep the move.

    Nothing happens where it points there already. Whoever calls this has asked the rules, and
    says `reads_changed` once all of its moves are made. Raises: InUse.
    """
    if cause in {LabelMove.Cause.SET, LabelMove.Cause.REMOVED}:
        _refuse_during_rollout(prompt, name)
    label = prompt.labels.select_related("version").filter(name=name).first()
    before = label.version if label is not None else None
    if before == version:
        return None
    if version is None:
        prompt.labels.filter(name=name).delete()
    else:
        Label.objects.update_or_create(
            prompt=prompt, name=name, defaults={"version": version, "moved_at": timezone.now()}
        )
    prompt.changed_at = timezone.now()
    prompt.save(update_fields=["changed_at"])
    made = LabelMove.objects.create(
        prompt=prompt,
        label=name,
        from_version=before,
        to_version=version,
        by=person(actor),
        by_label=label_of(actor),
        cause=cause,
        request=request,
        reason=reason,
    )
    record(
        "prompt_label.moved",
        actor=actor,
        project=prompt.project,
        subject=prompt,
        reason=reason,
        prompt=prompt.name,
        label=name,
        before=before.number if before else None,
        after=version.number if version else None,
        cause=str(cause),
        request=request.number if request else None,
    )
    tell_of_move(made, actor=actor)
    return made


def wanted_labels(labels: Iterable[str]) -> list[str]:
    """The labels to move, each once, without `latest`, which moves by itself. Raises: BadName."""
    names = [name for name in dict.fromkeys(labels) if name != LATEST]
    for name in names:
        if fault := fault_of_label(name):
            raise BadName(f"{name[:100]!r}: {fault}", "labels")
    return names


def refuse_protected(
    project: Project, prompt_name: str, labels: Iterable[str], *, number: int | None = None
) -> None:
    """Raises: ProtectedLabel, with the address of the page that proposes the move."""
    for label in protected_among(project, labels):
        at = proposal_page(project, prompt_name, label, number)
        raise ProtectedLabel(
            f"The label {label} is protected: it moves only by a review. Propose it at {at}", at
        )


def standing_version(prompt: Prompt, number: int) -> PromptVersion:
    """Raises: NoSuchVersion, also for one that is archived."""
    version = prompt.versions.filter(number=number).first()
    if version is None:
        raise NoSuchVersion(f"{prompt.name} has no version {number}.")
    if version.archived_at is not None:
        raise NoSuchVersion(f"{prompt.name} v{number} is archived and no longer resolves.")
    return version


def _refuse_during_rollout(prompt: Prompt, name: str) -> None:
    running = Rollout.objects.filter(prompt=prompt, label=name, status__in=Rollout.RUNNING)
    if running.exists():
        raise InUse(f"A rollout of {name} runs. Complete it or roll it back first.")
