"""Bodies of requests as Langfuse's clients send them; fields that are not known are passed over."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

import msgspec

from prompts.content import Content
from prompts.models import PRODUCTION, PromptVersion
from prompts.services.versions import NewVersion
from traces.langfuse.envelope import ApiError, Call

Words = Annotated[list[str], msgspec.Meta(max_length=100)]


class NewPrompt(msgspec.Struct, rename="camel"):
    """A version to create. SDKs 4 and 5 leave `type` out for text, and send null for no tags."""

    name: str
    prompt: Any
    type: Literal["text", "chat"] | None = None
    config: Any = None
    labels: Words | None = None
    tags: Words | None = None
    commit_message: str | None = None
    is_active: bool | None = None  # of the address before v2: it is for production

    def new_version(self) -> NewVersion:
        """What the service takes. `config` stays as it was sent, so that it comes back so."""
        kind = self.type or ("chat" if isinstance(self.prompt, list) else "text")
        config = {} if self.config is None else self.config
        labels = list(self.labels or ())
        return NewVersion(
            content=Content(kind=kind, prompt=self.prompt, config=config),
            message=self.commit_message or "",
            tags=self.tags,
            labels=[*labels, PRODUCTION] if self.is_active else labels,
            origin=PromptVersion.Origin.LANGFUSE,
        )


class NewLabels(msgspec.Struct, rename="camel"):
    """Labels to move to a version."""

    new_labels: Words


Body = TypeVar("Body", NewPrompt, NewLabels)


def body_of(call: Call, kind: type[Body]) -> Body:
    """The checked body. Raises: ApiError 400, naming the field."""
    try:
        return msgspec.convert(call.body(), kind)
    except msgspec.ValidationError as error:
        text, _, path = str(error).partition(" - at `$")
        where = path.strip("`.")
        raise ApiError(400, f"{where}: {text}" if where else text) from None
