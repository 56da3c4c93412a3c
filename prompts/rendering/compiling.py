"""A content with its variables and placeholders filled in, and what was missing or not used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from prompts.content import BadContent, Content, Fault, Message
from prompts.rendering.variables import replaced, variables_in


@dataclass(frozen=True)
class Compiled:
    """What goes to the model, as far as it could be filled in.

    Variables and placeholders that are missing stand in `prompt` as they were written.
    """

    prompt: str | list[Message]
    missing: list[str]
    unused: list[str]
    missing_placeholders: list[str]
    unused_placeholders: list[str]

    @property
    def is_whole(self) -> bool:
        """True when nothing is missing."""
        return not self.missing and not self.missing_placeholders


def variables_of(content: Content) -> list[str]:
    """The names of `content`'s variables, each once, in order of first use."""
    found = (v.name for _, text in content.texts() for v in variables_in(text))
    return list(dict.fromkeys(found))


def placeholders_of(content: Content) -> list[str]:
    """The names of `content`'s message placeholders, each once, in order of first use."""
    if isinstance(content.prompt, str):
        return []
    return list(dict.fromkeys(m["name"] for m in content.prompt if m.get("type") == "placeholder"))


def compiled(
    content: Content,
    variables: Mapping[str, Any],
    placeholders: Mapping[str, list[Message]] | None = None,
) -> Compiled:
    """`content`'s text or messages with `variables` and `placeholders` in their places.

    As in the Langfuse SDKs, the messages of a placeholder keep all their fields and have their
    own variables filled in, and an empty list leaves nothing behind. References to other prompts
    are text here: `compose` comes first. Raises: BadContent, for what is not a list of messages.
    """
    given = placeholders or {}
    names = variables_of(content)
    wanted = placeholders_of(content)
    if isinstance(content.prompt, str):
        prompt: str | list[Message] = replaced(content.prompt, variables)
    else:
        prompt = []
        for message in content.prompt:
            if message.get("type") == "placeholder" and message["name"] in given:
                put = _messages(message["name"], given[message["name"]])
                names += [variable for message in put for variable in _names(message)]
                prompt += [_filled(message, variables) for message in put]
            else:
                prompt.append(_filled(message, variables))
    return Compiled(
        prompt=prompt,
        missing=[name for name in dict.fromkeys(names) if name not in variables],
        unused=[name for name in variables if name not in names],
        missing_placeholders=[name for name in wanted if name not in given],
        unused_placeholders=[name for name in given if name not in wanted],
    )


def _messages(name: str, messages: Any) -> list[Message]:
    if isinstance(messages, list) and all(isinstance(message, dict) for message in messages):
        return messages
    raise BadContent([Fault(f"placeholders.{name}", "A placeholder takes a list of messages.")])


def _names(message: Message) -> list[str]:
    text = message.get("content")
    return [v.name for v in variables_in(text)] if isinstance(text, str) else []


def _filled(message: Message, variables: Mapping[str, Any]) -> Message:
    text = message.get("content")
    if not isinstance(text, str):
        return message  # a placeholder left open, or parts other than text
    return {**message, "content": replaced(text, variables)}
