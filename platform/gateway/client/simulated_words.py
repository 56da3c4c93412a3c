"""What the simulated provider says: words, tool calls and JSON made from the request. Pure."""

from __future__ import annotations

import hashlib
import math
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from gateway.client.request import ChatRequest, Message, ToolResult, document_of

# A token of English has about four characters.
CHARACTERS_A_TOKEN = 4
_SHARED = frozenset(
    re.findall(
        r"\w+",
        """a about all an and any are at be by can could do does for from has have how i if in is it
        me my no not of on or our please so than that the their them then there they this to us was
        we what when where which who why will with would you your""",
    )
)
_OPENINGS = (
    "Here is what is known about {topic}.",
    "This is about {topic}.",
    "You ask about {topic}.",
)
_SENTENCES = (
    "Nothing here was looked up: the answer is simulated.",
    "A real model would go into {topic} at this point.",
    "The next step would be to check {topic} against the documents.",
    "If {topic} is not what you mean, say so and ask again.",
    "Two things matter for {topic}: what was promised, and by when.",
    "Your request was read and understood as one about {topic}.",
    "The tone of this sentence follows no instruction, because nobody reads them.",
    "Until then {topic} stays as it is.",
)
_THOUGHTS = (
    "The question is about {topic}. ",
    "First I look at what was asked, then at what is missing. ",
    "Nothing speaks against a plain answer. ",
)
_MOST_DEPTH = 8
_MOST_ITEMS = 10


@dataclass(frozen=True, slots=True)
class Script:
    """One answer: words with the blanks before them, or a call of a tool."""

    identity: str
    input_tokens: int
    words: list[str]
    thoughts: list[str] = field(default_factory=list)
    tool_name: str = ""
    tool_arguments: Any = None
    finish_reason: str = "stop"


def count_tokens(text: str) -> int:
    """Tokens by length."""
    return math.ceil(len(text) / CHARACTERS_A_TOKEN)


def script_of(request: ChatRequest) -> Script:
    """The answer to `request`; always the same to the same."""
    told = [document_of(message) for message in request.messages]
    seed = request.parameters.get("seed")
    digest = hashlib.sha256(orjson.dumps([request.model, told, str(seed)])).digest()
    chance = random.Random(digest)  # noqa: S311  (the same every time, on purpose)
    identity = f"sim-{digest.hex()[:24]}"
    sent = sum(count_tokens(orjson.dumps(message["parts"]).decode()) for message in told)
    asked = _last_of_user(request.messages)
    topic = _topic(asked)
    thoughts: list[str] = []
    if "reasoning" in request.model:
        thoughts = _words(" ".join(_THOUGHTS).format(topic=topic))
    tool = _wanted_tool(request, asked)
    if tool is not None:
        arguments = instance_of(tool.get("parameters") or {}, chance, topic)
        name = str(tool.get("name"))
        return Script(identity, sent, [], thoughts, name, arguments, "tool_calls")
    if request.response_schema is not None:
        told_json = instance_of(request.response_schema, chance, topic)
        text = orjson.dumps(told_json, option=orjson.OPT_INDENT_2).decode()
    else:
        sentences = chance.sample(_SENTENCES, 5 if "large" in request.model else 2)
        text = " ".join([chance.choice(_OPENINGS), *sentences]).format(topic=topic)
    words = _words(text)
    most = request.parameters.get("max_tokens", request.parameters.get("max_completion_tokens"))
    if isinstance(most, int) and count_tokens(text) > most:
        return Script(identity, sent, _within(words, most), thoughts, finish_reason="length")
    return Script(identity, sent, words, thoughts)


def _words(text: str) -> list[str]:
    return re.findall(r"\s*\S+", text)


def _within(words: list[str], most_tokens: int) -> list[str]:
    """As many of `words` as fit into so many tokens."""
    kept: list[str] = []
    length = 0
    for word in words:
        length += len(word)
        if math.ceil(length / CHARACTERS_A_TOKEN) > most_tokens:
            break
        kept.append(word)
    return kept


def _last_of_user(messages: tuple[Message, ...]) -> str:
    said = [message.text for message in messages if message.role == "user" and message.text]
    return said[-1] if said else ""


def _topic(text: str) -> str:
    """Up to three words of weight, in their order."""
    words = [word for word in re.findall(r"[\w'-]+", text) if word.lower() not in _SHARED]
    longest = sorted(words, key=len, reverse=True)[:3]
    return " ".join(dict.fromkeys(word for word in words if word in longest)) or "this"


def _wanted_tool(request: ChatRequest, asked: str) -> Mapping[str, Any] | None:
    """The tool to call: one that is demanded, or one whose name the user's words hold."""
    if request.tool_choice == "none" or any(
        isinstance(part, ToolResult) for message in request.messages for part in message.parts
    ):
        return None
    functions: list[Mapping[str, Any]] = [
        tool["function"] for tool in request.tools if isinstance(tool.get("function"), Mapping)
    ]
    spoken = set(re.findall(r"\w+", asked.lower()))
    for function in functions:
        name = str(function.get("name"))
        parts = {part for part in re.split(r"[\W_]+", name.lower()) if part not in _SHARED}
        if request.tool_choice == name or spoken & parts:
            return function
    is_demanded = request.tool_choice == "required"
    return functions[0] if functions and is_demanded else None


def instance_of(
    schema: Mapping[str, Any], chance: random.Random, topic: str, depth: int = 0
) -> Any:
    """A value that fits a JSON schema, as far as such values are made from types and bounds."""
    return _Instances(schema, chance, topic).of(schema, depth)


class _Instances:
    """Makes values for one schema, whose definitions it can look up."""

    def __init__(self, root: Mapping[str, Any], chance: random.Random, topic: str) -> None:
        self._root, self._chance, self._topic = root, chance, topic

    def of(self, schema: Any, depth: int) -> Any:
        if not isinstance(schema, Mapping) or depth > _MOST_DEPTH:
            return None
        if isinstance(reference := schema.get("$ref"), str):
            return self.of(self._found(reference), depth + 1)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return self._chance.choice(list(schema["enum"]))
        for name in ("anyOf", "oneOf", "allOf"):
            if schema.get(name):
                return self.of(schema[name][0], depth + 1)
        kind = schema.get("type") or ("object" if "properties" in schema else "string")
        return self._typed(kind[0] if isinstance(kind, list) else kind, schema, depth)

    def _typed(self, kind: str, schema: Mapping[str, Any], depth: int) -> Any:
        match kind:
            case "object":
                named = schema.get("properties") or {}
                return {name: self.of(inner, depth + 1) for name, inner in named.items()}
            case "array":
                count = min(_MOST_ITEMS, max(1, int(schema.get("minItems", 1))))
                return [self.of(schema.get("items") or {}, depth + 1) for _ in range(count)]
            case "integer":
                low = int(schema.get("minimum", 0))
                return self._chance.randint(low, max(low, int(schema.get("maximum", low + 10))))
            case "number":
                least = float(schema.get("minimum", 0))
                most = max(least, float(schema.get("maximum", least + 1)))
                return round(self._chance.uniform(least, most), 2)
            case "boolean":
                return self._chance.random() < 0.5
            case "null":
                return None
        return f"simulated: {self._topic}"

    def _found(self, reference: str) -> Any:
        node: Any = self._root
        for name in reference.removeprefix("#/").split("/"):
            node = node.get(name) if isinstance(node, Mapping) else None
        return node


def vector_of(text: str, dimensions: int) -> list[float]:
    """A vector of length 1; texts that share words are near to each other."""
    sums = [0.0] * dimensions
    for word in re.findall(r"\w+", text.lower()) or [""]:
        digest = hashlib.sha256(word.encode()).digest()
        place = int.from_bytes(digest[:4]) % dimensions
        sums[place] += 1.0 if digest[4] & 1 else -1.0
    length = math.sqrt(sum(part * part for part in sums)) or 1.0
    return [part / length for part in sums]
