"""What a prompt was filled with, told by laying its text over what was sent. Pure.

Few SDKs send the variables of a prompt; nearly all send the messages. A value is taken to end where
the next words of the prompt first occur, so whoever uses it is asked to look.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.client import Message
from prompts.content import Content
from prompts.rendering import variables_in


@dataclass(frozen=True, slots=True)
class Recovered:
    """Variable -> value, and the messages that are none of the prompt's."""

    variables: dict[str, str]
    rest: list[Message]


def recovered(content: Content, sent: Sequence[Message]) -> Recovered | None:
    """What `content` was filled with to become `sent`; None where the one is not in the other.

    `content` is composed: without references. A text prompt may be any of the messages; those of a
    chat prompt stand in their order, with others between them.
    """
    rest = list(sent)
    values: dict[str, str] = {}
    at = 0
    for role, template in _templates(content):
        found = _next(role, template, rest, at)
        if found is None:
            return None
        at, told = found
        if any(values.get(name, value) != value for name, value in told.items()):
            return None
        values |= told
        del rest[at]
    return Recovered(values, rest)


def _templates(content: Content) -> list[tuple[str, str]]:
    """(role, text) of each message of the prompt; a text prompt goes with any role, ''."""
    if isinstance(content.prompt, str):
        return [("", content.prompt)]
    said = [message for message in content.prompt if message.get("type") != "placeholder"]
    return [
        ("system" if one["role"] == "developer" else one["role"], one["content"]) for one in said
    ]


def _next(
    role: str, template: str, messages: list[Message], since: int
) -> tuple[int, dict[str, str]] | None:
    """The first message from `since` on that is `template` filled in: its place and the values."""
    for place in range(since, len(messages)):
        message = messages[place]
        if role in ("", message.role):
            values = laid_over(template, message.text)
            if values is not None:
                return place, values
    return None


def laid_over(template: str, text: str) -> dict[str, str] | None:
    """Variable -> value where `text` is `template` filled in; None where it is not.

    Two variables without a word between them cannot be told apart.
    """
    values: dict[str, str] = {}
    at = end = 0  # in the text; in the template, behind the variable before
    open_name = ""  # the variable whose value begins at `at`
    for variable in variables_in(template):
        between = template[end : variable.start]
        if open_name:
            found = text.find(between, at) if between else -1
            if found < 0 or values.setdefault(open_name, text[at:found]) != text[at:found]:
                return None
        elif not text.startswith(between):
            return None
        else:
            found = 0
        at, end, open_name = found + len(between), variable.end, variable.name
    tail = template[end:]
    if not open_name:
        return {} if text == template else None
    stop = len(text) - len(tail)
    if stop < at or not text.endswith(tail):
        return None
    return values if values.setdefault(open_name, text[at:stop]) == text[at:stop] else None
