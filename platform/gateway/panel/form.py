"""What people type into the test panel, read with the place of each fault."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
from django.http import QueryDict

from gateway.client import BadMessages, read_messages
from gateway.panel.state import COLUMNS, Choice, Draft, Inputs
from kit.requests import whole_number
from prompts.content import Content, Message

PLACEHOLDER = "placeholder"
ROLES = ("system", "user", "assistant", "developer", "tool", PLACEHOLDER)
MOST_ITEMS = 200  # variables, messages: what a page can show


class PanelForm:
    """The fields as they were sent; `faults` is what cannot be read, in words, once it was read."""

    def __init__(self, data: QueryDict, *, begins: Content) -> None:
        self.data = data
        self.faults: list[str] = []
        self._begins = begins

    @property
    def choices(self) -> list[Choice]:
        """The columns, empty ones too."""
        return [
            Choice(self.data.get(f"version_{n}", ""), self.data.get(f"target_{n}", ""))
            for n in range(COLUMNS)
        ]

    @property
    def variables(self) -> dict[str, str]:
        """Name -> value, as far as values were given."""
        return _pairs(self.data, "variable")

    @property
    def placeholders(self) -> dict[str, str]:
        """Name -> JSON as it was typed."""
        return _pairs(self.data, "messages")

    @property
    def conversation(self) -> str:
        """JSON as it was typed."""
        return self.data.get("conversation", "")

    @property
    def parameters(self) -> str:
        """The draft's parameters as they were typed."""
        return self.data.get("draft_parameters", "")

    @property
    def has_draft(self) -> bool:
        """Whether the fields of the draft were sent at all."""
        return "draft_parameters" in self.data

    @property
    def message(self) -> str:
        """What the draft changes, and why."""
        return self.data.get("message", "").strip()

    def inputs(self) -> Inputs:
        """What fills the versions in."""
        placeholders = {
            name: self._messages(text, f"The messages of {name}")
            for name, text in self.placeholders.items()
            if text.strip()
        }
        return Inputs(
            self.variables, placeholders, self._messages(self.conversation, "The conversation")
        )

    def draft(self) -> Draft:
        """The draft as it was written, with what the panel does not edit as in its beginning."""
        number = whole_number(self.data.get("draft_begins", ""))
        if not self.has_draft:
            return Draft(self._begins, number)
        content = replace(
            self._begins,
            prompt=self._prompt(),
            model=self.data.get("draft_model", "").strip(),
            parameters=self._object(self.parameters, "The draft's parameters"),
        )
        return Draft(content, number)

    def _prompt(self) -> str | list[Message]:
        if isinstance(self._begins.prompt, str):
            return self.data.get("draft_text", "").replace("\r\n", "\n")
        roles = self.data.getlist("draft_role")[:MOST_ITEMS]
        texts = self.data.getlist("draft_content")[:MOST_ITEMS]
        said = [
            (role, text.replace("\r\n", "\n")) for role, text in zip(roles, texts, strict=False)
        ]
        return [
            {"type": PLACEHOLDER, "name": text.strip()}
            if role == PLACEHOLDER
            else {"role": role, "content": text}
            for role, text in said
            if text.strip()
        ]

    def _object(self, text: str, what: str) -> dict[str, Any]:
        read = self._json(text, what) if text.strip() else {}
        if isinstance(read, dict):
            return read
        self.faults.append(f"{what} are an object, such as {{}}.")
        return {}

    def _messages(self, text: str, what: str) -> list[dict[str, Any]]:
        read = self._json(text, what) if text.strip() else []
        if read in (None, []):
            return []
        try:
            read_messages(read)
        except BadMessages as bad:
            self.faults.append(f"{what}: {bad}")
            return []
        return [{"role": "user", "content": read}] if isinstance(read, str) else read

    def _json(self, text: str, what: str) -> Any:
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError as bad:
            self.faults.append(f"{what}: this is not JSON: {bad}.")
            return None


def _pairs(data: QueryDict, what: str) -> dict[str, str]:
    names = data.getlist(f"{what}_name")[:MOST_ITEMS]
    values = data.getlist(f"{what}_value")[:MOST_ITEMS]
    return {name: value.replace("\r\n", "\n") for name, value in zip(names, values, strict=False)}


def draft_fields(content: Content) -> dict[str, Any]:
    """A content as the draft's fields show it."""
    messages: list[dict[str, str]] = []
    if not isinstance(content.prompt, str):
        messages = [
            {"role": PLACEHOLDER, "content": one["name"]}
            if one.get("type") == PLACEHOLDER
            else {"role": one["role"], "content": one["content"]}
            for one in content.prompt
        ]
        messages.append({"role": "user", "content": ""})
    return {
        "text": content.prompt if isinstance(content.prompt, str) else "",
        "messages": messages,
        "model": content.model,
        "parameters": json_text(content.parameters),
    }


def json_text(value: Any) -> str:
    """A value as a field shows it; nothing for nothing."""
    if value in (None, {}, []):
        return ""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
