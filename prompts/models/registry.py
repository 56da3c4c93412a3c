"""Prompts, their immutable versions, the labels that point at them and how those moved."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from accounts.models import Project, User
from prompts.content import Content, Kind


class Prompt(models.Model):
    """One prompt of a project, known by a name that may hold folders (`support/refund-agent`).

    Its row is the lock of everything about it: who makes a version, moves a label, approves or
    rolls out takes it first, so that all of these happen one after another.
    """

    class Type(models.TextChoices):
        """How the text is made up; the same for every version."""

        TEXT = "text", "Text"
        CHAT = "chat", "Chat"

    project = models.ForeignKey(Project, models.CASCADE, related_name="prompts")
    name = models.CharField(max_length=255)
    kind = models.CharField(max_length=4, choices=Type)
    description = models.TextField(blank=True)
    tags = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    owner = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    last_number = models.IntegerField(default=0)  # of the newest version, archived ones too
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True)  # it no longer resolves

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="prompt_name_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def folder(self) -> str:
        """What stands before the last `/`, or ''."""
        return self.name.rpartition("/")[0]


class PromptVersion(models.Model):
    """What a prompt said once; the database refuses to change it. Numbers have no gaps."""

    class Origin(models.TextChoices):
        """Where a version was made."""

        PAGE = "page", "page"
        API = "api", "API"
        LANGFUSE = "langfuse", "Langfuse API"
        SUGGESTION = "suggestion", "suggestion"
        FILES = "files", "files"
        TEST_PANEL = "test_panel", "test panel"
        DEMO = "demo", "demo"

    prompt = models.ForeignKey(Prompt, models.CASCADE, related_name="versions")
    number = models.IntegerField()
    body = models.JSONField()  # text, or a list of messages
    tools = models.JSONField(default=list)
    response_schema = models.JSONField(null=True)
    model = models.CharField(max_length=200, blank=True)
    parameters = models.JSONField(default=dict)
    config = models.JSONField(default=dict)
    variables = ArrayField(models.CharField(max_length=200), default=list)
    references = models.JSONField(default=list)  # [{"name", "number" or "label"}]
    content_hash = models.CharField(max_length=64)
    message = models.TextField(blank=True)  # why, in the author's words
    # As given with this version, for Langfuse's clients; lists go by those of the prompt.
    tags = ArrayField(models.CharField(max_length=100), default=list)
    parent = models.ForeignKey("self", models.SET_NULL, null=True, related_name="children")
    # Who answers for it, and so never approves it: whoever made the key, where a key made it.
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    author_label = models.CharField(max_length=320)  # a person's name, or that of a key
    origin = models.CharField(max_length=12, choices=Origin, default=Origin.PAGE)
    created_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True)
    archived_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["prompt", "number"], name="prompt_version_once")
        ]

    def __str__(self) -> str:
        return f"v{self.number}"

    def content(self, kind: str) -> Content:
        """What it holds; `kind` is the prompt's."""
        return Content(
            kind=cast(Kind, kind),
            prompt=self.body,
            tools=self.tools,
            response_schema=self.response_schema,
            model=self.model,
            parameters=self.parameters,
            config=self.config,
        )


class Label(models.Model):
    """A name that points at one version of a prompt; `latest` is no row but the newest version."""

    prompt = models.ForeignKey(Prompt, models.CASCADE, related_name="labels")
    name = models.CharField(max_length=100)
    version = models.ForeignKey(PromptVersion, models.PROTECT, related_name="labels")
    moved_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["prompt", "name"], name="prompt_label_once")]

    def __str__(self) -> str:
        return self.name


class LabelMove(models.Model):
    """One move of a label, kept for ever: who, when, from where to where, and by which way."""

    class Cause(models.TextChoices):
        """The way by which the label moved."""

        SET = "set", "set"  # of a label that is free
        REVIEW = "review", "rolled out"
        ROLLBACK = "rollback", "rolled back"
        UNDO = "undo", "rollback undone"
        REMOVED = "removed", "removed"

    prompt = models.ForeignKey(Prompt, models.CASCADE, related_name="moves")
    label = models.CharField(max_length=100)
    from_version = models.ForeignKey(
        PromptVersion, models.SET_NULL, null=True, related_name="moves_away"
    )
    to_version = models.ForeignKey(
        PromptVersion, models.SET_NULL, null=True, related_name="moves_here"
    )
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    by_label = models.CharField(max_length=320)
    cause = models.CharField(max_length=8, choices=Cause)
    request = models.ForeignKey(
        "prompts.ChangeRequest", models.SET_NULL, null=True, related_name="moves"
    )
    reason = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["prompt", "label", "-at"], name="prompt_move_label")]

    def __str__(self) -> str:
        return f"{self.label}: {self.from_version} → {self.to_version}"


def facts_of(content: Content) -> dict[str, Any]:
    """The columns of a version that hold `content`."""
    return {
        "body": content.prompt,
        "tools": content.tools,
        "response_schema": content.response_schema,
        "model": content.model,
        "parameters": content.parameters,
        "config": content.config,
        "content_hash": content.hash(),
    }
