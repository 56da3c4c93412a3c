"""What a version of a prompt holds: text or messages, tools, schema, model, parameters, config.

Pure: no database here. A version is made from a `Content` once and never changes afterwards.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal

import orjson

Kind = Literal["text", "chat"]
Message = dict[str, Any]  # {"role", "content"}, or {"type": "placeholder", "name"}

MOST_BYTES = 1_000_000  # as JSON; a guess: larger contexts belong to the request
MOST_MESSAGES = 500
MOST_TOOLS = 256
LONGEST_MODEL = 200
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")  # as JSON writes it, and no escaped backslash before


@dataclass(frozen=True)
class Fault:
    """What cannot stand, and where: `where` is a path such as `prompt[2].role`."""

    where: str
    text: str


class BadContent(ValueError):
    """The content cannot be a version; `faults` names each place."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{fault.where}: {fault.text}" for fault in faults))
        self.faults = faults


@dataclass(frozen=True)
class Content:
    """Everything that decides what a call is made of. `prompt` is text, or a list of messages.

    `tools` are JSON objects as OpenAI's API takes them (`{"type": "function", "function": {…}}`),
    `response_schema` a JSON schema or None, `parameters` what goes with the call (`temperature`,
    `max_tokens`, …), `config` whatever the application reads itself.
    """

    kind: Kind
    prompt: str | list[Message]
    tools: list[dict[str, Any]] = field(default_factory=list)
    response_schema: dict[str, Any] | None = None
    model: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)

    def texts(self) -> list[tuple[str, str]]:
        """Every text that variables and references stand in: (where, text)."""
        if isinstance(self.prompt, str):
            return [("prompt", self.prompt)]
        return [
            (f"prompt[{index}].content", message["content"])
            for index, message in enumerate(self.prompt)
            if message.get("type") != "placeholder"
        ]

    def hash(self) -> str:
        """64 hex digits; the same for the same content, whatever the order of keys."""
        return hashlib.sha256(orjson.dumps(asdict(self), option=orjson.OPT_SORT_KEYS)).hexdigest()


def checked(content: Content) -> Content:
    """`content` with its messages reduced to what is kept. Raises: BadContent."""
    faults: list[Fault] = []
    prompt = content.prompt
    if content.kind == "text":
        if not isinstance(prompt, str):
            faults.append(Fault("prompt", "A text prompt is one text."))
    elif content.kind == "chat":
        if not isinstance(prompt, list) or not prompt:
            faults.append(Fault("prompt", "A chat prompt is a list of at least one message."))
        elif len(prompt) > MOST_MESSAGES:
            faults.append(Fault("prompt", f"A prompt has at most {MOST_MESSAGES} messages."))
        else:
            prompt = [_message(index, message, faults) for index, message in enumerate(prompt)]
    else:
        faults.append(Fault("type", "A prompt is of type text or chat."))
    faults += _faults_of_settings(content)
    if not faults:
        kept = replace(content, prompt=prompt)
        faults = _faults_as_json(kept)
        if not faults:
            return kept
    raise BadContent(faults)


def _faults_as_json(content: Content) -> list[Fault]:
    """What the database could not hold: it takes JSON in UTF-8 without NUL, and not at any size."""
    size, faults = 0, []
    for field_ in fields(content):
        where = "type" if field_.name == "kind" else field_.name
        try:
            written = orjson.dumps(getattr(content, field_.name))
        except (TypeError, orjson.JSONEncodeError):
            faults.append(Fault(where, "This is not JSON in UTF-8, or nested too deeply."))
            continue
        size += len(written)
        if _NUL.search(written):
            faults.append(Fault(where, "This holds a NUL character."))
    if size > MOST_BYTES:
        faults.append(Fault("prompt", f"{size:,} bytes; a version has at most {MOST_BYTES:,}."))
    return faults


def _message(index: int, message: Any, faults: list[Fault]) -> Message:
    where = f"prompt[{index}]"
    if not isinstance(message, dict):
        faults.append(Fault(where, "A message is an object."))
        return {}
    if message.get("type") == "placeholder":
        name = message.get("name")
        if not isinstance(name, str) or not name.strip():
            faults.append(Fault(f"{where}.name", "A placeholder has a name."))
        return {"type": "placeholder", "name": name}
    role, text = message.get("role"), message.get("content")
    if not isinstance(role, str) or not role.strip():
        faults.append(Fault(f"{where}.role", "A message has a role, such as system or user."))
    if not isinstance(text, str):
        faults.append(Fault(f"{where}.content", "The content of a message is text."))
    return {"role": role, "content": text}


def _faults_of_settings(content: Content) -> list[Fault]:
    faults = []
    if not isinstance(content.tools, list) or not all(isinstance(t, dict) for t in content.tools):
        faults.append(Fault("tools", "Tools are a list of objects."))
    elif len(content.tools) > MOST_TOOLS:
        faults.append(Fault("tools", f"A prompt has at most {MOST_TOOLS} tools."))
    if content.response_schema is not None and not isinstance(content.response_schema, dict):
        faults.append(Fault("response_schema", "A schema is an object, or null."))
    if not isinstance(content.model, str) or len(content.model) > LONGEST_MODEL:
        faults.append(Fault("model", f"A model is a name of at most {LONGEST_MODEL} characters."))
    for where in ("parameters", "config"):
        if not isinstance(getattr(content, where), dict):
            faults.append(Fault(where, "This is an object."))
    return faults
