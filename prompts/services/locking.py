"""The one lock of a prompt, and how a changed prompt reaches every process that serves reads."""

from __future__ import annotations

from django.db import connection

from accounts.models import ApiKey, User
from accounts.services.trail import Actor
from kit import live
from prompts.models import Prompt
from traces.live import group_of

PROMPTS_CHANGED = "prompts"  # group of the channel layer


def lock(prompt_id: int) -> Prompt:
    """The prompt, alone for the rest of the transaction. Raises: Prompt.DoesNotExist."""
    return (
        Prompt.objects.select_for_update(no_key=True, of=("self",))
        .select_related("project__organization")
        .get(pk=prompt_id)
    )


def reads_changed(project_id: int) -> None:
    """Let every process answer reads of the project anew, once this transaction commits.

    The epoch is the truth, the message a hint: a process that misses it sees the epoch.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into prompts_promptepoch (project_id, epoch) values (%s, 1) "
            "on conflict (project_id) do update set epoch = prompts_promptepoch.epoch + 1",
            [project_id],
        )
    live.announce(PROMPTS_CHANGED, {"type": "prompts.changed", "project": project_id})


def pages_changed(project_id: int) -> None:
    """Let open pages of prompts and reviews fetch their pieces again, after the commit."""
    live.announce(group_of(project_id), {"type": "project.changed", "changed": ["prompts"]})


def label_of(actor: Actor) -> str:
    """How the actor is called in history: a person's name, a key's, or the product."""
    if isinstance(actor, User):
        return actor.display_name
    if isinstance(actor, ApiKey):
        return f"key {actor.name}"
    return "Roadworthy"
