"""What a prompt's labels serve now, and what was rolled back a moment ago."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from prompts.models import Label, LabelMove, Prompt, PromptVersion, Rollout
from prompts.queries.environments import protected_labels
from prompts.rules.history import UNDO_SECONDS

REASON_ASKED_FOR = timedelta(days=7)


@dataclass(frozen=True)
class Standing:
    """Where a label stands; during a rollout also whom it brings, and how far."""

    label: str
    version: PromptVersion
    is_protected: bool
    behind: int  # how many newer versions there are that stand
    rollout: Rollout | None = None


def standing(prompt: Prompt) -> list[Standing]:
    """Every label of the prompt, protected ones first."""
    return standing_of([prompt]).get(prompt.pk, [])


def standing_of(prompts: Iterable[Prompt]) -> dict[int, list[Standing]]:
    """The same for many prompts of one project, in a fixed number of statements."""
    prompts = list(prompts)
    if not prompts:
        return {}
    project = prompts[0].project
    guarded = protected_labels(project)
    running = {
        (rollout.prompt_id, rollout.label): rollout
        for rollout in Rollout.objects.filter(
            prompt__in=prompts, status__in=Rollout.RUNNING
        ).select_related("base", "candidate")
    }
    numbers: dict[int, list[int]] = {}
    live = PromptVersion.objects.filter(prompt__in=prompts, archived_at=None)
    for prompt_id, number in live.values_list("prompt_id", "number"):
        numbers.setdefault(prompt_id, []).append(number)
    found: dict[int, list[Standing]] = {}
    labels = Label.objects.filter(prompt__in=prompts).select_related("version")
    for label in labels:
        behind = sum(number > label.version.number for number in numbers.get(label.prompt_id, ()))
        found.setdefault(label.prompt_id, []).append(
            Standing(
                label.name,
                label.version,
                label.name in guarded,
                behind,
                running.get((label.prompt_id, label.name)),
            )
        )
    for rows in found.values():
        rows.sort(key=lambda row: (not row.is_protected, row.label))
    return found


@dataclass(frozen=True)
class RolledBack:
    """A rollback that is the label's latest move. `undo_seconds` are left to take it back."""

    move: LabelMove
    undo_seconds: int
    wants_reason: bool


def recent_rollback(prompt: Prompt, label: str) -> RolledBack | None:
    """The label's rollback of a moment ago, or one whose reason nobody has given yet."""
    latest = (
        prompt.moves.filter(label=label)
        .select_related("to_version", "from_version", "by", "request")
        .order_by("-pk")
        .first()
    )
    if latest is None or latest.cause != LabelMove.Cause.ROLLBACK:
        return None
    age = timezone.now() - latest.at
    left = max(0, UNDO_SECONDS - int(age.total_seconds()))
    wants = not latest.reason and age < REASON_ASKED_FOR
    return RolledBack(latest, left, wants) if left or wants else None
