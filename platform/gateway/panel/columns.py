"""The columns of a run: each version filled in and made into a call, or why it cannot be asked."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from accounts.models import Project, User
from gateway.client import About, BadMessages, ChatRequest, Connection, Message, read_messages
from gateway.client.request import Text
from gateway.models import Provider
from gateway.panel.state import DRAFT, Choice, Draft, Inputs
from gateway.queries import NoProvider, connection_to, provider_for, providers_of, traced_as
from kit.requests import whole_number
from pricing.card import Card
from pricing.pricer import PRICER
from prompts.content import BadContent, Content
from prompts.models import Prompt
from prompts.queries.resolving import get_version, resolver
from prompts.rendering import Node, compiled, compose, placeholders_of, variables_of
from prompts.tokens import estimated_tokens

NAME, TAG = "test panel", "test-panel"


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a call will take: about so many tokens in, and costs in nano-dollars; None: unpriced.

    `most_nano` is with as many tokens out as the parameters allow; None where they set no limit.
    """

    input_tokens: int
    input_nano: int | None = None
    most_tokens: int | None = None
    most_nano: int | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One column that is used. `problem` says why it cannot be asked; else it has a request."""

    place: int
    choice: Choice
    title: str
    model: str = ""
    provider: Provider | None = None
    content: Content | None = None
    request: ChatRequest | None = None
    missing: Sequence[str] = ()
    problem: str = ""
    number: int | None = None

    @property
    def variables(self) -> list[str]:
        """The names of its variables."""
        return variables_of(self.content) if self.content else []

    @property
    def placeholders(self) -> list[str]:
        """The names of its message placeholders."""
        return placeholders_of(self.content) if self.content else []


@dataclass(frozen=True, slots=True)
class Ready:
    """A column's call with its key opened, for the client alone."""

    connection: Connection
    request: ChatRequest
    about: About


@dataclass(frozen=True, slots=True)
class Panel:
    """The columns that are used, and all that the versions in them want to be filled in with."""

    columns: list[Column]
    variables: list[str] = field(default_factory=list)
    placeholders: list[str] = field(default_factory=list)


def panel_of(
    project: Project, prompt: Prompt, choices: Sequence[Choice], draft: Draft, inputs: Inputs
) -> Panel:
    """Each chosen version with `inputs` filled in. Nothing is asked yet."""
    providers = {str(one.pk): one for one in providers_of(project).filter(is_enabled=True)}
    columns = [
        _column(project, prompt, place, choice, draft, inputs, providers)
        for place, choice in enumerate(choices)
        if not choice.is_empty
    ]
    names = [name for column in columns for name in column.variables]
    holders = [name for column in columns for name in column.placeholders]
    return Panel(columns, list(dict.fromkeys(names)), list(dict.fromkeys(holders)))


def composed(project: Project, prompt: Prompt, content: Content) -> Content:
    """`content` with the texts that it refers to. Raises: BadContent."""
    return compose(content, resolver(project.pk), root=Node(prompt.name, None)).content


def _column(
    project: Project,
    prompt: Prompt,
    place: int,
    choice: Choice,
    draft: Draft,
    inputs: Inputs,
    providers: Mapping[str, Provider],
) -> Column:
    is_draft = choice.version == DRAFT
    column = Column(place, choice, "Draft" if is_draft else f"v{choice.version}")
    number = whole_number(choice.version)
    version = get_version(prompt, number=number) if number is not None else None
    if is_draft:
        content = draft.content
    elif version is not None:
        content = version.content(prompt.kind)
    else:
        return replace(column, title="No version", problem="There is no such version.")
    try:
        content = composed(project, prompt, content)
        filled = compiled(content, inputs.variables, _placed(content, inputs))
        messages = _messages(content, filled.prompt, inputs)
    except (BadContent, BadMessages) as bad:
        return replace(column, content=content, problem=str(bad))
    column = replace(
        column,
        content=content,
        missing=_missing(content, inputs, filled.missing_placeholders),
        number=version.number if version else None,
    )
    return _on_a_model(project, column, messages, providers)


def _missing(content: Content, inputs: Inputs, placeholders: list[str]) -> list[str]:
    """What nothing was typed for. An empty variable is sent empty, and said."""
    empty = [name for name in variables_of(content) if not inputs.variables.get(name)]
    return [*empty, *placeholders]


def _placed(content: Content, inputs: Inputs) -> dict[str, list[dict[str, Any]]]:
    """Messages by placeholder; the first that is given none takes the conversation."""
    wanted = placeholders_of(content)
    placed = {name: inputs.placeholders[name] for name in wanted if name in inputs.placeholders}
    left = [name for name in wanted if name not in placed]
    if left and inputs.conversation:
        placed[left[0]] = inputs.conversation
    return placed


def _messages(
    content: Content, prompt: str | list[dict[str, Any]], inputs: Inputs
) -> tuple[Message, ...]:
    """What is sent: a text alone is said by the user, before a conversation by the system."""
    follows = read_messages(inputs.conversation) if inputs.conversation else ()
    if isinstance(prompt, str):
        return (Message("system" if follows else "user", (Text(prompt),)), *follows)
    said = read_messages([one for one in prompt if one.get("type") != "placeholder"])
    left = [name for name in placeholders_of(content) if name not in inputs.placeholders]
    return said if left else (*said, *follows)


def _on_a_model(
    project: Project,
    column: Column,
    messages: tuple[Message, ...],
    providers: Mapping[str, Provider],
) -> Column:
    content = column.content
    assert content is not None  # noqa: S101  (a column without one has a problem)
    pk, _, chosen = column.choice.target.partition(":")
    model = chosen or content.model
    if not model:
        return replace(column, problem="This version names no model: choose one.")
    column = replace(column, model=model)
    provider = providers.get(pk)
    if chosen and provider is None:
        return replace(column, problem="This provider is not connected any more.")
    try:
        provider = provider or provider_for(project, model=model)
    except NoProvider as none:
        return replace(column, problem=str(none))
    parameters = dict(content.parameters)
    choice = parameters.pop("tool_choice", "")
    if isinstance(choice, Mapping):  # OpenAI's form of a tool by name
        choice = (choice.get("function") or {}).get("name", "")
    request = ChatRequest(
        model,
        messages,
        content.tools,
        str(choice or ""),
        content.response_schema,
        parameters,
    )
    return replace(column, provider=provider, request=request)


def ready(column: Column, prompt: Prompt, *, asks: User) -> Ready:
    """The call of a column that can be asked. Raises: Unreadable, of the key."""
    assert column.provider is not None and column.request is not None  # noqa: S101, PT018
    about = About(
        prompt.project_id,
        name=NAME,
        prompt_name=prompt.name,
        prompt_version="" if column.number is None else str(column.number),
        tags=(TAG,),
        metadata={"asked_by": asks.email},
    )
    return Ready(connection_to(column.provider), column.request, about)


def estimate(project: Project, column: Column) -> Estimate | None:
    """What the column's call will take; None where it cannot be asked."""
    if column.request is None or column.provider is None or column.content is None:
        return None
    request, provider = column.request, column.provider
    sent = [{"role": one.role, "content": one.text} for one in request.messages]
    told = estimated_tokens(replace(column.content, kind="chat", prompt=sent))
    most = next(
        (
            limit
            for name in ("max_completion_tokens", "max_tokens")
            if isinstance(limit := request.parameters.get(name), int)
        ),
        None,
    )
    now = time.time_ns() // 1000
    card = PRICER.table(project.pk).card(traced_as(provider), request.model, None, now)
    if not isinstance(card, Card):
        return Estimate(told, most_tokens=most)
    count = (told, None, None, None)
    return Estimate(
        told,
        card.nano((*count, 0, None, None)),
        most,
        None if most is None else card.nano((*count, most, None, None)),
    )
