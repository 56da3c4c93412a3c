"""Prompts, versions, labels and their moves as the REST API gives them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from prompts.addresses import prompt_path
from prompts.models import Label, LabelMove, Prompt, PromptVersion
from prompts.queries.listed import ListedPrompt


class Document(serializers.Serializer[Any]):
    """An answer. A field whose name Python or its base has taken has `_` behind it here."""

    def get_fields(self) -> dict[str, Any]:
        """The fields by the names that the answer has."""
        return {name.removesuffix("_"): field for name, field in super().get_fields().items()}


def _text(**parts: Any) -> serializers.CharField:
    return serializers.CharField(allow_null=True, **parts)


def _number(**parts: Any) -> serializers.IntegerField:
    return serializers.IntegerField(allow_null=True, **parts)


class LabelDocument(Document):
    """A label of a prompt and where it stands."""

    name = serializers.CharField()
    version = serializers.IntegerField()
    moved_at = serializers.DateTimeField()
    is_protected = serializers.BooleanField(help_text="It moves only by a change request.")


class PromptDocument(Document):
    """A prompt; what it says stands in its versions."""

    name = serializers.CharField()
    folder = serializers.CharField()
    type = serializers.ChoiceField(choices=Prompt.Type.choices)
    description = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField())
    owner = _text(help_text="E-mail address.")
    newest = _number(help_text="The newest version that stands; null: it is archived.")
    versions = serializers.IntegerField(help_text="How many stand.")
    labels = LabelDocument(many=True)
    created_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()
    archived_at = serializers.DateTimeField(allow_null=True)
    url = serializers.CharField(help_text="Path of its page.")


class VersionDocument(Document):
    """What is said of a version; numbers have no gaps, and a version never changes."""

    name = serializers.CharField()
    version = serializers.IntegerField()
    type = serializers.ChoiceField(choices=Prompt.Type.choices)
    labels = serializers.ListField(child=serializers.CharField())
    message = serializers.CharField()
    author = serializers.CharField(help_text="A person's name, or that of a key.")
    origin = serializers.ChoiceField(choices=PromptVersion.Origin.choices)
    parent_ = _number(help_text="The version it was made from.")
    model = serializers.CharField()
    variables = serializers.ListField(child=serializers.CharField())
    references = serializers.ListField(
        child=serializers.DictField(), help_text="`{name, version, label}`, one of the two null."
    )
    content_hash = serializers.CharField(help_text="The same for the same content.")
    created_at = serializers.DateTimeField()
    archived_at = serializers.DateTimeField(allow_null=True)
    url = serializers.CharField(help_text="Path of its page.")


class WholeVersionDocument(VersionDocument):
    """A version with all it holds, as it was written: references are not put in."""

    prompt = serializers.JSONField(help_text="Text, or a list of messages.")
    tools = serializers.ListField(child=serializers.DictField())
    response_schema = serializers.DictField(allow_null=True)
    parameters = serializers.DictField()
    config = serializers.DictField()


class MoveDocument(Document):
    """One move of a label."""

    id = serializers.IntegerField()
    label_ = serializers.CharField()
    from_ = _number(help_text="null: it did not stand.")
    to = _number(help_text="null: it was taken away.")
    cause = serializers.ChoiceField(choices=LabelMove.Cause.choices)
    by = serializers.CharField()
    at = serializers.DateTimeField()
    reason = serializers.CharField()
    review = _number(help_text="The change request that moved it.")


class RollbackDocument(MoveDocument):
    """A rollback, and how long it can be undone."""

    undo_until = serializers.DateTimeField()


class PromptPageDocument(Document):
    """A page of prompts, by name."""

    data_ = PromptDocument(many=True)
    next_cursor = _text()


class VersionPageDocument(Document):
    """A page of versions, the newest first."""

    data_ = VersionDocument(many=True)
    next_cursor = _text()


class MovePageDocument(Document):
    """A page of moves, the newest first."""

    data_ = MoveDocument(many=True)
    next_cursor = _text()


def prompt_document(listed: ListedPrompt, protected: frozenset[str]) -> dict[str, Any]:
    """The values of a `PromptDocument`; `protected` are the labels that only a review moves."""
    prompt = listed.prompt
    return {
        "name": prompt.name,
        "folder": prompt.folder,
        "type": prompt.kind,
        "description": prompt.description,
        "tags": prompt.tags,
        "owner": prompt.owner.email if prompt.owner else None,
        "newest": listed.newest.number if listed.newest else None,
        "versions": len(listed.numbers),
        "labels": [label_document(label, protected) for label in listed.labels],
        "created_at": prompt.created_at,
        "changed_at": prompt.changed_at,
        "archived_at": prompt.archived_at,
        "url": prompt_path(prompt.project, prompt.name),
    }


def label_document(label: Label, protected: frozenset[str]) -> dict[str, Any]:
    """The values of a `LabelDocument`."""
    return {
        "name": label.name,
        "version": label.version.number,
        "moved_at": label.moved_at,
        "is_protected": label.name in protected,
    }


def version_document(version: PromptVersion, labels: list[str]) -> dict[str, Any]:
    """The values of a `VersionDocument`."""
    prompt = version.prompt
    return {
        "name": prompt.name,
        "version": version.number,
        "type": prompt.kind,
        "labels": labels,
        "message": version.message,
        "author": version.author_label,
        "origin": version.origin,
        "parent": version.parent.number if version.parent else None,
        "model": version.model,
        "variables": version.variables,
        "references": version.references,
        "content_hash": version.content_hash,
        "created_at": version.created_at,
        "archived_at": version.archived_at,
        "url": f"{prompt_path(prompt.project, prompt.name)}v/{version.number}/",
    }


def whole_version_document(version: PromptVersion, labels: list[str]) -> dict[str, Any]:
    """The values of a `WholeVersionDocument`."""
    return {
        **version_document(version, labels),
        "prompt": version.body,
        "tools": version.tools,
        "response_schema": version.response_schema,
        "parameters": version.parameters,
        "config": version.config,
    }


def move_document(move: LabelMove) -> dict[str, Any]:
    """The values of a `MoveDocument`."""
    return {
        "id": move.pk,
        "label": move.label,
        "from": move.from_version.number if move.from_version else None,
        "to": move.to_version.number if move.to_version else None,
        "cause": move.cause,
        "by": move.by_label,
        "at": move.at,
        "reason": move.reason,
        "review": move.request.number if move.request else None,
    }
