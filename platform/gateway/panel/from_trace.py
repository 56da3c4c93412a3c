"""Input out of a trace: what a call was asked, as variables and the conversation that follows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from accounts.models import Project
from gateway.client import BadMessages, read_messages
from gateway.client.request import document_of
from gateway.panel.columns import composed
from gateway.panel.recovered import recovered
from kit.requests import whole_number
from prompts.content import BadContent, Content
from prompts.models import Prompt
from prompts.queries.resolving import get_version
from traces.queries.asked import AskedCall, asked_call


@dataclass(frozen=True, slots=True)
class Taken:
    """What a trace gave. `how` says in words where the variables come from; `fault` that none."""

    variables: dict[str, str] = field(default_factory=dict)
    conversation: list[dict[str, Any]] = field(default_factory=list)
    how: str = ""
    fault: str = ""


def taken_from(
    project: Project, prompt: Prompt, trace_id: str, span_id: str, contents: list[Content]
) -> Taken:
    """The input of a call; `contents` are the versions on the panel, by which it is read.

    The version that the call itself names goes first. Without one that fits, the conversation alone
    is taken, without its instructions.
    """
    asked = asked_call(project.pk, trace_id, span_id=span_id, prompt_name=prompt.name)
    if asked is None:
        what = f"The span {span_id}" if span_id else f"The trace {trace_id}"
        return Taken(fault=f"{what} is no call of a model with a recorded input here.")
    try:
        sent = read_messages(asked.messages)
    except BadMessages as bad:
        return Taken(fault=f"Its input cannot be sent again: {bad}")
    for content in [*_own(project, prompt, asked), *contents]:
        told = recovered(content, sent)
        if told is not None:
            follows = [document_of(message) for message in told.rest]
            return _taken(asked, told.variables, follows, bool(told.variables))
    follows = [document_of(message) for message in sent if message.role != "system"]
    return _taken(asked, {}, follows, False)


def _own(project: Project, prompt: Prompt, asked: AskedCall) -> list[Content]:
    """The version that the call names, where it is one of this prompt."""
    number = whole_number(asked.span.prompt_version or "")
    if asked.span.prompt_name != prompt.name or number is None:
        return []
    version = get_version(prompt, number=number)
    try:
        return [composed(project, prompt, version.content(prompt.kind))] if version else []
    except BadContent:
        return []


def _taken(
    asked: AskedCall, found: dict[str, str], follows: list[dict[str, Any]], was_laid: bool
) -> Taken:
    told = {name: str(value) for name, value in (asked.variables or {}).items()}
    if told:
        how = "Its sender told the variables."
    elif was_laid:
        how = "The variables were told by laying the prompt over what was sent: look at them."
    else:
        how = "No variable could be told; what was said follows the prompt."
    return Taken({**found, **told}, follows, how)
