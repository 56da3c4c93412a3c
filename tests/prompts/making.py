"""Makes prompts, versions and reviews through the services, with only what matters said."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from accounts.models import Project, Role, User
from accounts.services.trail import Actor
from prompts.content import Content
from prompts.models import ChangeRequest, LabelMove, Prompt, PromptVersion
from prompts.services.environments import Rules, set_environment
from prompts.services.moving import move
from prompts.services.proposing import Proposal, propose
from prompts.services.versions import NewVersion, create_version
from tests.factories import make_user

SYSTEM = (
    "You are the refunds specialist.\nAnswer in at most {{words}} words.\nNever promise a date."
)


def text(prompt: str = SYSTEM, **fields: Any) -> Content:
    return Content(kind="text", prompt=prompt, **fields)


def chat(*messages: tuple[str, str], **fields: Any) -> Content:
    said = messages or (("system", SYSTEM), ("user", "{{question}}"))
    return Content(kind="chat", prompt=[{"role": r, "content": c} for r, c in said], **fields)


def make_version(
    project: Project, name: str = "refund-agent", content: Content | None = None, *,
    actor: Actor = None, **fields: Any,
) -> PromptVersion:  # fmt: skip
    new = NewVersion(content=content or text(), **fields)
    return create_version(project, name, new, actor=actor)


def protect(project: Project, label: str = "production", **rules: Any) -> None:
    set_environment(project, label, Rules(protection="on", **rules), actor=None)


def serve(prompt: Prompt, number: int, label: str = "production") -> None:
    """Let the label stand there, as if long ago; protected or not."""
    version = prompt.versions.get(number=number)
    with transaction.atomic():
        move(prompt, label, version, cause=LabelMove.Cause.SET, actor=None)


def make_reviewer(project: Project, name: str, role: Role = Role.REVIEWER) -> User:
    user = make_user(f"{name}@example.com", organization=project.organization, role=role)
    user.name = name.title()
    user.save()
    return user


def make_request(
    project: Project, author: User, *, label: str = "production", **fields: Any
) -> ChangeRequest:
    """v1 serves, `author` made v2 and asks to move the label there."""
    first = make_version(project)
    serve(first.prompt, 1, label)
    second = make_version(
        project, content=text(SYSTEM.replace("date", "day")), actor=author, message="Shorter"
    )
    proposal = Proposal(label=label, number=2, title="Say day", **fields)
    return propose(second.prompt, proposal, actor=author)
