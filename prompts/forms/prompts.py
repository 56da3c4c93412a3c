"""Forms of the registry: a version as people write it, and what is said about a prompt."""

from __future__ import annotations

from typing import Any

import orjson
from django import forms
from django.http import QueryDict

from accounts.models import User
from accounts.queries import list_members
from prompts.content import Content
from prompts.models import Prompt, PromptVersion
from prompts.rules.names import fault_of_name

ROLES = ("system", "user", "assistant", "developer", "tool")
PLACEHOLDER = "placeholder"
LEAST_MESSAGES = 2
SPARE_MESSAGES = 2  # empty ones below those that are there, so that more can be added
MOST_MESSAGES = 100
_MONO = {"class": "field mono", "spellcheck": "false"}


class JsonField(forms.CharField):
    """JSON as text; empty is `empty`. The value that the form gives is what the JSON says."""

    def __init__(self, *, of: type, empty: Any, **more: Any) -> None:
        widget = forms.Textarea(attrs={**_MONO, "rows": 3})
        super().__init__(required=False, widget=widget, **more)
        self.of, self.empty = of, empty

    def clean(self, value: Any) -> Any:
        """The value. Raises: ValidationError with line and column."""
        text = super().clean(value)
        if not text.strip():
            return self.empty
        try:
            read = orjson.loads(text)
        except orjson.JSONDecodeError as bad:
            raise forms.ValidationError(f"This is not JSON: {bad}.") from None
        if not isinstance(read, self.of):
            wanted = "a list [ … ]" if self.of is list else "an object { … }"
            raise forms.ValidationError(f"{wanted.capitalize()} is expected.")
        return read


def json_text(value: Any) -> str:
    """A value as it stands in the form; nothing for nothing."""
    if value in (None, {}, []):
        return ""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


class VersionForm(forms.Form):
    """Everything that a version holds but its messages, which are fields of their own."""

    text = forms.CharField(
        required=False,
        strip=False,
        label="Text",
        widget=forms.Textarea(attrs={**_MONO, "rows": 12}),
        help_text="{{ name }} is a variable; {{> other/prompt }} puts another prompt in.",
    )
    model = forms.CharField(
        required=False, max_length=200, widget=forms.TextInput(attrs={"class": "field mono"})
    )
    parameters = JsonField(of=dict, empty={}, help_text='Such as {"temperature": 0.2}.')
    tools = JsonField(of=list, empty=[], help_text="As the provider's API takes them.")
    response_schema = JsonField(of=dict, empty=None, label="Response schema")
    config = JsonField(of=dict, empty={}, help_text="What your application reads itself.")
    message = forms.CharField(
        required=False,
        max_length=10_000,
        label="What changes, and why",
        widget=forms.Textarea(attrs={"class": "field", "rows": 2}),
    )
    parent = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *given: Any, kind: str, prompt_messages: list[dict[str, Any]] | None = None,
                 **more: Any) -> None:  # fmt: skip
        super().__init__(*given, **more)
        self.kind = kind
        if kind == "chat":
            del self.fields["text"]
        self.messages = self._messages(prompt_messages or [])

    def _messages(self, stored: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The messages as the page shows them: those that were sent, or those that are stored."""
        if self.kind != "chat":
            return []
        if self.is_bound:
            roles = self.data.getlist("role")[:MOST_MESSAGES]  # type: ignore[attr-defined]
            texts = self.data.getlist("content")[:MOST_MESSAGES]  # type: ignore[attr-defined]
            return [
                {"role": role, "content": text.replace("\r\n", "\n")}
                for role, text in zip(roles, texts, strict=False)
            ]
        shown = [
            {"role": PLACEHOLDER, "content": one["name"]}
            if one.get("type") == PLACEHOLDER
            else {"role": one["role"], "content": one["content"]}
            for one in stored
        ]
        blank = max(SPARE_MESSAGES if shown else LEAST_MESSAGES, LEAST_MESSAGES - len(shown))
        starts = ["system", "user"] if not shown else ["user"] * blank
        return shown + [{"role": starts[i], "content": ""} for i in range(blank)]

    def content(self) -> Content:
        """The content that was written, not yet checked for what only the server knows."""
        said = self.cleaned_data
        prompt: Any = said.get("text", "").replace("\r\n", "\n")
        if self.kind == "chat":
            prompt = [
                {"type": PLACEHOLDER, "name": one["content"].strip()}
                if one["role"] == PLACEHOLDER
                else one
                for one in self.messages
                if one["content"].strip()
            ]
        return Content(
            kind=self.kind,  # type: ignore[arg-type]
            prompt=prompt,
            tools=said["tools"],
            response_schema=said["response_schema"],
            model=said["model"],
            parameters=said["parameters"],
            config=said["config"],
        )


def initial_of(version: PromptVersion | None) -> dict[str, Any]:
    """The form's values for a version that begins as `version`."""
    if version is None:
        return {}
    return {
        "text": version.body if isinstance(version.body, str) else "",
        "model": version.model,
        "parameters": json_text(version.parameters),
        "tools": json_text(version.tools),
        "response_schema": json_text(version.response_schema),
        "config": json_text(version.config),
        "parent": version.number,
    }


class NameForm(forms.Form):
    """What a new prompt is called, and how its text is made up."""

    name = forms.CharField(
        max_length=255,
        widget=forms.TextInput(attrs={"class": "field mono", "autocomplete": "off"}),
        help_text="Folders with /, such as support/refund-agent. It cannot be changed later.",
    )
    kind = forms.ChoiceField(
        label="Type",
        choices=[("chat", "Chat: messages with roles"), ("text", "Text: one text")],
        widget=forms.RadioSelect,
        initial="chat",
    )

    def clean_name(self) -> str:
        """The name. Raises: ValidationError."""
        name: str = self.cleaned_data["name"]
        if fault := fault_of_name(name):
            raise forms.ValidationError(fault)
        return name


class AboutForm(forms.Form):
    """What is said about a prompt: its owner, its tags, what it is for."""

    description = forms.CharField(
        required=False, max_length=5_000, widget=forms.Textarea(attrs={"class": "field", "rows": 3})
    )
    tags = forms.CharField(
        required=False,
        widget=forms.TextInput(attrs={"class": "field"}),
        help_text="Separated by commas.",
    )
    owner = forms.ChoiceField(required=False, widget=forms.Select(attrs={"class": "field"}))

    def __init__(self, data: QueryDict | None = None, *, prompt: Prompt) -> None:
        initial = {
            "description": prompt.description,
            "tags": ", ".join(prompt.tags),
            "owner": str(prompt.owner_id or ""),
        }
        super().__init__(data, initial=initial)
        people = [member.user for member in list_members(prompt.project)]
        self._people = {str(user.pk): user for user in people if user.is_active}
        if prompt.owner is not None:  # who is away, or left, stays the owner until another is named
            self._people.setdefault(str(prompt.owner_id), prompt.owner)
        self.fields["owner"].choices = [  # type: ignore[attr-defined]
            ("", "Nobody"),
            *((pk, user.display_name) for pk, user in self._people.items()),
        ]

    def new_owner(self) -> User | bool | None:
        """Who is to own the prompt; False where that stays as it is."""
        if "owner" not in self.data or "owner" not in self.changed_data:
            return False
        return self._people.get(self.cleaned_data["owner"])

    def tag_list(self) -> list[str]:
        """The tags, each once."""
        return [
            tag for tag in (part.strip() for part in self.cleaned_data["tags"].split(",")) if tag
        ]
