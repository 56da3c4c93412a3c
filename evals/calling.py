"""From an item of a dataset to what is asked of a model. Knows no table."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.client import BadMessages, ChatRequest, Message, read_messages, system, user
from pricing.card import Card, Unpriced
from pricing.project_table import ProjectTable
from prompts.content import BadContent, Content
from prompts.rendering import compiled, placeholders_of, variables_of
from prompts.tokens import PER_MESSAGE, estimate

TEXT_VARIABLE, CONVERSATION = "input", "messages"
LIMITS = ("max_completion_tokens", "max_tokens")


class NotAsked(ValueError):
    """The item does not fit the prompt; the text says how, for whoever made either."""


@dataclass(frozen=True, slots=True)
class Ceiling:
    """What a call takes at most, in nano-dollars; `nano` None where `why` says why not."""

    input_tokens: int
    output_tokens: int | None = None
    input_nano: int | None = None
    nano: int | None = None
    why: str = ""
    is_priced: bool = True


def messages_for(content: Content, given: Any) -> tuple[Message, ...]:
    """What is sent for one item's input. `content` has its references put in already.

    An object fills in variables by name, and its `messages` the first placeholder that has none
    of its own, or the end of the conversation. A text is the variable `input`, or the only one
    there is; where the prompt has none, what the user says. Raises: NotAsked.
    """
    names, wanted = variables_of(content), placeholders_of(content)
    variables, placed, follows = filling(names, wanted, given)
    try:
        filled = compiled(content, variables, placed)
        if not filled.is_whole:
            raise NotAsked(_missing([*filled.missing, *filled.missing_placeholders]))
        after = read_messages(follows) if follows else ()
        if isinstance(filled.prompt, str):
            said = system(filled.prompt) if after else user(filled.prompt)
            return (said, *after)
        return (*read_messages(filled.prompt), *after)
    except (BadContent, BadMessages) as bad:
        raise NotAsked(str(bad)) from None


def request_for(
    content: Content, messages: tuple[Message, ...], model: str, parameters: Mapping[str, Any]
) -> ChatRequest:
    """The call, with `parameters` over those of the version."""
    stated = {**content.parameters, **parameters}
    choice = stated.pop("tool_choice", "")
    if isinstance(choice, Mapping):  # OpenAI's form of a tool by name
        choice = (choice.get("function") or {}).get("name", "")
    stated.pop("stream", None)
    return ChatRequest(
        model, messages, content.tools, str(choice or ""), content.response_schema, stated
    )


def limit_of(parameters: Mapping[str, Any]) -> int | None:
    """Tokens that an answer may have, None where nothing says so."""
    for name in LIMITS:
        limit = parameters.get(name)
        if isinstance(limit, int) and not isinstance(limit, bool) and limit > 0:
            return limit
    return None


def tokens_of(request: ChatRequest) -> int:
    """About how many tokens the call sends."""
    extras = [*request.tools, *([request.response_schema] if request.response_schema else [])]
    total = sum(PER_MESSAGE + estimate(message.text) for message in request.messages)
    return total + sum(estimate(json.dumps(extra, ensure_ascii=False)) for extra in extras)


def ceiling_of(
    request: ChatRequest, provider: str, prices: ProjectTable, *, input_tokens: int | None = None
) -> Ceiling:
    """The most that the call may cost; `provider` is what spans call it."""
    sent = tokens_of(request) if input_tokens is None else input_tokens
    most = limit_of(request.parameters)
    card = prices.card(provider, request.model, None, time.time_ns() // 1000)
    if isinstance(card, Unpriced):
        why = f"{request.model} has no price: {card.reason}."
        return Ceiling(sent, most, why=why, is_priced=False)
    alone = _nano(card, sent, 0)
    if most is None:
        why = f"Nothing limits how long answers of {request.model} may be."
        return Ceiling(sent, input_nano=alone, why=why)
    return Ceiling(sent, most, alone, _nano(card, sent, most))


def _nano(card: Card, tokens_in: int, tokens_out: int) -> int | None:
    return card.nano((tokens_in, None, None, None, tokens_out, None, None))


# --- what an input fills in ----------------------------------------------------------------------
def filling(
    names: Sequence[str], wanted: Sequence[str], given: Any
) -> tuple[dict[str, Any], dict[str, Any], Any]:
    """(variables, messages by placeholder, messages that follow) for the input `given`, where a
    prompt has variables `names` and placeholders `wanted`. See `messages_for`."""
    if isinstance(given, list) and given and all(isinstance(one, dict) for one in given):
        given = {CONVERSATION: given}
    if given is None:
        return {}, {}, None
    if not isinstance(given, dict):
        return _of_text(names, wanted, given if isinstance(given, str) else _text(given))
    placed = {name: given[name] for name in wanted if isinstance(given.get(name), list)}
    conversation = given.get(CONVERSATION)
    is_talk = isinstance(conversation, list) and CONVERSATION not in names
    follows = None
    if is_talk and CONVERSATION not in placed:
        left = [name for name in wanted if name not in placed]
        if left:
            placed[left[0]] = conversation
        else:
            follows = conversation
    variables = {
        name: _text(value)
        for name, value in given.items()
        if name not in placed and not (is_talk and name == CONVERSATION)
    }
    if not names and not placed and not follows:  # the prompt asks for nothing: it is told all
        texts = list(variables.values())
        said = texts[0] if len(texts) == 1 else json.dumps(given, ensure_ascii=False)
        return _of_text(names, wanted, said) if given else ({}, {}, None)
    return variables, placed, follows


def _of_text(
    names: Sequence[str], wanted: Sequence[str], text: str
) -> tuple[dict[str, Any], dict[str, Any], Any]:
    said = [{"role": "user", "content": text}]
    if TEXT_VARIABLE in names or len(names) == 1:
        return {TEXT_VARIABLE if TEXT_VARIABLE in names else names[0]: text}, {}, None
    if names:
        return {}, {}, None  # what is missing is told by its names
    return ({}, {wanted[0]: said}, None) if wanted else ({}, {}, said)


def _text(value: Any) -> Any:
    """As it stands between words: containers as JSON, all else as the SDKs write it."""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return value if value is None or isinstance(value, str) else str(value)


def _missing(names: Sequence[str]) -> str:
    return f"The prompt asks for {', '.join(names[:10])}, which the item's input does not have."
