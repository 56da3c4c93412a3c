"""The kinds of spans that OpenTelemetry GenAI knows, as its instrumentations send them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from traces.demo.catalog import EMBEDDING, SYSTEM, TOOLS, Model
from traces.demo.spans import CLIENT, Attributes, Failure, Telling, json

Message = dict[str, Any]

_TOOL_DEFINITIONS = json(TOOLS)
_SYSTEM = {name: json([{"type": "text", "content": text}]) for name, text in SYSTEM.items()}
_TOOLS_TOKENS = len(_TOOL_DEFINITIONS) // 4


def text(role: str, content: str) -> Message:
    """Return a message of one text."""
    return {"role": role, "parts": [{"type": "text", "content": content}]}


def asks_tool(identity: str, name: str, arguments: object) -> Message:
    """Return a message in which the model asks for a tool."""
    call = {"type": "tool_call", "id": identity, "name": name, "arguments": arguments}
    return {"role": "assistant", "parts": [call]}


def tool_answers(identity: str, result: object) -> Message:
    """Return a message with a tool's result."""
    part = {"type": "tool_call_response", "id": identity, "response": result}
    return {"role": "tool", "parts": [part]}


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt of ours: the key of its text in `catalog.SYSTEM`, and its version."""

    name: str
    version: str = ""
    system: str = ""  # where the text has another key than the name


@dataclass(frozen=True, slots=True)
class Ask:
    """What a model is asked, beyond the messages."""

    prompt: Prompt
    tools: bool = False
    temperature: float = 0.2
    max_tokens: int = 800
    cached: float = 0.0  # share of the input that the provider had in its cache
    reasoning: int = 0  # tokens thought before the answer
    streams: bool = False
    failure: Failure | None = None


def chat(
    t: Telling, name: str, model: Model, ask: Ask, messages: Sequence[Message], answer: Message
) -> Span:
    """Tell a call of a chat model. Raises: Failed as `ask` says."""
    chance = t.chance
    sent = json(messages)
    system = _SYSTEM[ask.prompt.system or ask.prompt.name]
    tokens_in = (len(sent) + len(system)) // 4 + (_TOOLS_TOKENS if ask.tools else 0)
    is_call = answer["parts"][0]["type"] == "tool_call"
    answered = json([{**answer, "finish_reason": "tool_call" if is_call else "stop"}])
    tokens_out = max(6, len(answered) // 4 - 14) + ask.reasoning
    attributes: Attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": model.provider,
        "gen_ai.request.model": model.asked,
        "gen_ai.request.temperature": ask.temperature,
        "gen_ai.request.max_tokens": ask.max_tokens,
        "gen_ai.system_instructions": system,
        "gen_ai.input.messages": sent,
        "server.address": model.address,
        "server.port": 443,
    }
    if ask.prompt.version:
        attributes["gen_ai.prompt.name"] = ask.prompt.name
        attributes["gen_ai.prompt.version"] = ask.prompt.version
    if ask.tools:
        attributes["gen_ai.tool.definitions"] = _TOOL_DEFINITIONS
    if ask.failure is not None:
        took = 30.0 if ask.failure.kind == "APITimeoutError" else chance.uniform(0.1, 0.5)
        return t.leaf(name, attributes, took, kind=CLIENT, failure=ask.failure)
    slow = chance.lognormvariate(0, 0.28)
    first = model.first_s * slow + ask.reasoning / model.rate
    attributes |= {
        "gen_ai.response.model": model.answered,
        "gen_ai.response.id": f"{_ID_PREFIX[model.provider]}{chance.getrandbits(88):022x}",
        "gen_ai.response.finish_reasons": ["tool_call" if is_call else "stop"],
        "gen_ai.usage.input_tokens": tokens_in,
        "gen_ai.usage.output_tokens": tokens_out,
    }
    if ask.reasoning:
        attributes["gen_ai.usage.reasoning.output_tokens"] = ask.reasoning
    if model.caches and ask.cached:
        cached = int(tokens_in * ask.cached)
        attributes["gen_ai.usage.cache_read.input_tokens"] = cached
        if model.provider == "anthropic" and chance.random() < 0.3:
            attributes["gen_ai.usage.cache_write.input_tokens"] = (tokens_in - cached) // 2
    if ask.streams:
        attributes["gen_ai.request.stream"] = True
        attributes["gen_ai.response.time_to_first_chunk"] = round(first, 6)
    took = first + (tokens_out - ask.reasoning) / model.rate * slow
    return t.leaf(name, attributes, took, kind=CLIENT)


_ID_PREFIX = {"anthropic": "msg_01", "openai": "chatcmpl-", "voxscribe": "vox-"}


def embed(t: Telling, name: str, query: str, *, beside: bool = False) -> Span:
    """Tell the embedding of a text."""
    return t.leaf(
        name,
        {
            "gen_ai.operation.name": "embeddings",
            "gen_ai.provider.name": EMBEDDING.provider,
            "gen_ai.request.model": EMBEDDING.asked,
            "gen_ai.response.model": EMBEDDING.answered,
            "gen_ai.usage.input_tokens": max(3, len(query.encode()) // 4),
            "gen_ai.embeddings.dimension.count": 1536,
        },
        t.chance.lognormvariate(-2.9, 0.3),
        kind=CLIENT,
        beside=beside,
    )


def retrieve(
    t: Telling, name: str, query: str, documents: Sequence[Message], index: str, version: str
) -> Span:
    """Tell a search in an index."""
    return t.leaf(
        name,
        {
            "gen_ai.operation.name": "retrieval",
            "gen_ai.data_source.id": index,
            "gen_ai.request.top_k": 24.0,
            "gen_ai.retrieval.query.text": query,
            "gen_ai.retrieval.documents": json(documents),
            "roadworthy.index.name": index,
            "roadworthy.index.version": version,
        },
        t.chance.lognormvariate(-1.8, 0.35),
        kind=CLIENT,
    )


def rerank(t: Telling, model: Model, query: str, documents: Sequence[Message]) -> Span:
    """Tell the sorting of documents by a small model."""
    sent = json(documents)
    return t.leaf(
        "rerank",
        {
            "gen_ai.operation.name": "rerank",
            "gen_ai.provider.name": model.provider,
            "gen_ai.request.model": model.asked,
            "gen_ai.response.model": model.answered,
            "gen_ai.retrieval.query.text": query,
            "gen_ai.retrieval.documents": sent,
            "gen_ai.usage.input_tokens": len(sent) // 4 + 90,
            "gen_ai.usage.output_tokens": 4 * len(documents),
        },
        t.chance.lognormvariate(-1.7, 0.3),
        kind=CLIENT,
    )


def tool(
    t: Telling,
    name: str,
    identity: str,
    arguments: object,
    result: object,
    seconds: float,
    failure: Failure | None = None,
) -> Span:
    """Tell the run of a tool. Raises: Failed with `failure`."""
    attributes: Attributes = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": name,
        "gen_ai.tool.type": "function",
        "gen_ai.tool.call.id": identity,
        "gen_ai.tool.call.arguments": json(arguments),
    }
    if failure is None:
        attributes["gen_ai.tool.call.result"] = json(result)
    return t.leaf(name, attributes, seconds, failure=failure)


def guard(t: Telling, name: str, checked: str, verdict: str) -> Span:
    """Tell a check of a text; OpenTelemetry has no word for it, OpenInference has."""
    return t.leaf(
        name,
        {
            "openinference.span.kind": "GUARDRAIL",
            "input.value": checked,
            "output.value": verdict,
        },
        t.chance.lognormvariate(-3.2, 0.5),
    )
