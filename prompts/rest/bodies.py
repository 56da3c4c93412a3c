"""Bodies about prompts, versions and labels: every field is checked, others are refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from prompts.content import Content, Kind
from prompts.models import Prompt, PromptVersion
from prompts.services.versions import MOST_TAGS, NewVersion

MOST_NUMBER = 2**31 - 1


class Body(serializers.Serializer[Any]):
    """A checked body; a field that it does not know is refused, as a slip of the pen may be one."""

    def to_internal_value(self, data: Any) -> Any:
        """The checked values. Raises: ValidationError, naming each unknown field."""
        if isinstance(data, Mapping) and (
            unknown := sorted(map(str, set(data) - set(self.fields)))
        ):
            known = ", ".join(self.fields)
            raise serializers.ValidationError(
                {name[:100]: f"No such field. There are: {known}." for name in unknown}
            )
        return super().to_internal_value(data)


def number(**parts: Any) -> serializers.IntegerField:
    """The number of a version."""
    return serializers.IntegerField(min_value=1, max_value=MOST_NUMBER, **parts)


def text(**parts: Any) -> serializers.CharField:
    """A text that may be left out or empty, kept with its spaces."""
    return serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False, **{"default": "", **parts}
    )


def words(**parts: Any) -> serializers.ListField:
    """A list of short texts."""
    child = serializers.CharField(max_length=100)
    return serializers.ListField(child=child, required=False, **parts)


def emails(**parts: Any) -> serializers.ListField:
    """Members of the project by their addresses."""
    child = serializers.CharField(max_length=320)
    return serializers.ListField(child=child, max_length=100, **parts)


class ReasonBody(Body):
    """Why; it stands in the history and the audit log."""

    reason = text(max_length=10_000)


class NewVersionBody(Body):
    """What a version holds, and what goes with making it."""

    type = serializers.ChoiceField(
        choices=Prompt.Type.choices,
        required=False,
        help_text="When left out: text for a text, chat for a list.",
    )
    prompt = serializers.JSONField(
        help_text="A text, or a list of `{role, content}` and `{type: placeholder, name}`."
    )
    tools = serializers.JSONField(
        required=False,
        default=list,  # type: ignore[arg-type]
        help_text="JSON objects as OpenAI's API takes them.",
    )
    response_schema = serializers.JSONField(
        required=False, default=None, allow_null=True, help_text="A JSON schema."
    )
    model = text(help_text="'' leaves it to the caller.")
    parameters = serializers.JSONField(
        required=False, default=dict, help_text="What goes with the call, such as temperature."
    )
    config = serializers.JSONField(
        required=False, default=dict, help_text="What the application reads itself."
    )
    labels = words(
        default=list,
        max_length=100,
        help_text="Free labels that move to it; never a protected one.",
    )
    tags = words(max_length=MOST_TAGS, help_text="Of the prompt; left as they are without.")
    description = text(default=None, help_text="Of the prompt; left as it is without.")
    message = text(max_length=10_000, help_text="Why this version was made.")
    parent = number(  # type: ignore[assignment]
        required=False,
        allow_null=True,
        default=None,
        help_text="The version it was made from; the newest when left out.",
    )

    def new_version(self) -> NewVersion:
        """What the service takes, of a valid body. Content is checked there, in every detail."""
        given: dict[str, Any] = self.validated_data
        kind: Kind = given.get("type") or ("chat" if isinstance(given["prompt"], list) else "text")
        held = ("prompt", "tools", "response_schema", "model", "parameters", "config")
        return NewVersion(
            content=Content(kind=kind, **{name: given[name] for name in held}),
            message=given["message"],
            parent=given["parent"],
            tags=given.get("tags"),
            description=given["description"],
            labels=given["labels"],
            origin=PromptVersion.Origin.API,
        )


class NewPromptBody(NewVersionBody):
    """The same with the name of the prompt, which is made where there is none."""

    name = serializers.CharField(max_length=1000, trim_whitespace=False)


class DescribeBody(Body):
    """What is said about a prompt; what is left out stays."""

    description = serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False, max_length=100_000
    )
    tags = words(max_length=MOST_TAGS)
    owner = serializers.CharField(
        required=False, allow_null=True, help_text="E-mail address of a member; null: nobody."
    )


class LabelBody(Body):
    """Where a label is to stand."""

    version = number()


class RollbackBody(ReasonBody):
    """Which label goes back; why may be said later."""

    label = serializers.CharField(  # type: ignore[assignment]
        required=False, default="production", max_length=100
    )
