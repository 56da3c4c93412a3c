"""The two kinds of files: one of a prompt, and one of each version. See `docs/prompt-files.md`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, get_args

from prompts.content import BadContent, Content, Kind, checked
from prompts.files.reading import BadFile, FileFault, Node, read
from prompts.files.writing import inline, yaml_of
from prompts.rules.names import fault_of_label, fault_of_name

KINDS: tuple[str, ...] = get_args(Kind)
MOST_NUMBER = 1_000_000_000


@dataclass(frozen=True)
class PromptFile:
    """What belongs to a prompt and not to a version. `labels` give each label's version."""

    name: str
    kind: Kind
    description: str = ""
    tags: tuple[str, ...] = ()
    labels: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class VersionFile:
    """A version. `author` and `created_at` are for the reader: who applies a file is its author."""

    number: int
    content: Content
    message: str = ""
    parent: int | None = None
    tags: tuple[str, ...] = ()
    author: str = ""
    created_at: str = ""
    archived: bool = False  # it no longer resolves, and keeps its number


def dump_prompt(prompt: PromptFile) -> str:
    """The file of a prompt. Raises: Unwritable."""
    return yaml_of(
        {
            "name": prompt.name,
            "type": prompt.kind,
            **_given(description=prompt.description, tags=list(prompt.tags)),
            **_given(labels=dict(sorted(prompt.labels.items()))),
        }
    )


def dump_version(version: VersionFile) -> str:
    """The file of a version; the same content gives the same file. Raises: Unwritable."""
    content = version.content
    prompt: Any = content.prompt
    if not isinstance(prompt, str):
        prompt = [{key: message[key] for key in _keys_of(message)} for message in prompt]
    values = {"version": version.number, **_given(message=version.message)}
    if version.parent is not None:
        values["parent"] = version.parent
    values |= _given(author=version.author, created=version.created_at, tags=list(version.tags))
    values |= _given(archived=version.archived)
    values |= {"prompt": prompt} | _given(model=content.model, parameters=content.parameters)
    values |= _given(tools=content.tools)
    if content.response_schema is not None:
        values["response_schema"] = content.response_schema
    values |= _given(config=content.config)
    own = ("parameters", "tools", "response_schema", "config")
    return yaml_of({key: _sorted(value) if key in own else value for key, value in values.items()})


def load_prompt(text: str, where: str) -> PromptFile:
    """What the file `where` says of a prompt. Raises: BadFile."""
    reader = _Fields(read(text, where), where)
    name = reader.take("name", str, "the name of the prompt")
    kind = reader.take("type", str, "text or chat")
    description = reader.take("description", str, "a text", "")
    tags = reader.texts("tags")
    labels: dict[str, int] = {}
    for label, node in reader.take("labels", dict, "labels with numbers of versions", {}).items():
        if fault := fault_of_label(label):
            reader.fault(node, f"{label}: {fault}")
        elif not _is_number(node.value):
            reader.fault(node, f"{label}: expected the number of a version, such as 3.")
        else:
            labels[label] = node.value
    if isinstance(name, str) and (fault := fault_of_name(name)):
        reader.fault(reader.node.at("name"), fault)
    if isinstance(kind, str) and kind not in KINDS:
        reader.fault(reader.node.at("type"), "type: expected text or chat.")
    reader.end()
    return PromptFile(name, kind, description, tags, labels)


def load_version(text: str, where: str) -> VersionFile:
    """What the file `where` says of a version. Raises: BadFile."""
    reader = _Fields(read(text, where), where)
    number = reader.number("version")
    message = reader.take("message", str, "a text", "")
    parent = reader.number("parent", needed=False)
    author = reader.take("author", str, "a text", "")
    created_at = reader.take("created", str, "a time in quotes", "")
    tags = reader.texts("tags")
    archived = reader.take("archived", bool, "true or false", False)
    prompt = reader.take("prompt", (str, list), "a text, or a list of messages")
    model = reader.take("model", str, "the name of a model", "")
    parameters = reader.take("parameters", dict, "names with values", {})
    tools = reader.take("tools", list, "a list of tools", [])
    schema = reader.take("response_schema", (dict, type(None)), "a JSON schema", None)
    config = reader.take("config", dict, "names with values", {})
    reader.messages()
    reader.end()
    try:
        content = checked(
            Content(
                kind="text" if isinstance(prompt, str) else "chat",
                prompt=_plain(prompt),
                tools=_plain(tools),
                response_schema=_plain(schema),
                model=model,
                parameters=_plain(parameters),
                config=_plain(config),
            )
        )
    except BadContent as bad:
        for fault in bad.faults:
            reader.fault(reader.node.at(fault.where), f"{fault.where}: {fault.text}")
        raise BadFile(reader.faults) from None
    return VersionFile(number, content, message, parent, tags, author, created_at, archived)


class _Fields:
    """Takes the keys of a file one by one, collects what is wrong, and refuses what is left."""

    def __init__(self, node: Node, where: str) -> None:
        self.node = node
        self.where = where
        self.known: list[str] = []
        self.faults: list[FileFault] = []

    def fault(self, node: Node, text: str) -> None:
        self.faults.append(FileFault(self.where, node.line, text))

    def take(self, key: str, kind: Any, expected: str, default: Any = ...) -> Any:
        """The value of `key`: nodes for a list or an object, else what it is."""
        self.known.append(key)
        node = self.node.value.get(key)
        if node is None and default is not ...:
            return default
        if node is None:
            self.fault(self.node, f"{key} is missing: expected {expected}.")
        elif not isinstance(node.value, kind):
            self.fault(node, f"{key}: expected {expected}{_instead(node.value)}.")
        else:
            return node.value
        return None if default is ... else default

    def number(self, key: str, *, needed: bool = True) -> Any:
        value = self.take(key, int, "a number such as 3", ... if needed else None)
        if value is not None and not _is_number(value):
            self.fault(self.node.at(key), f"{key}: expected a number from 1 on.")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        texts = []
        for node in self.take(key, list, "a list of texts", []):
            if isinstance(node.value, str):
                texts.append(node.value)
            else:
                self.fault(node, f"{key}: expected a text{_instead(node.value)}.")
        return tuple(texts)

    def messages(self) -> None:
        """Refuse keys of messages that would be lost."""
        prompt = self.node.at("prompt").value
        for node in prompt if isinstance(prompt, list) else []:
            if isinstance(node.value, dict):
                known = _keys_of(node.plain())
                for key in node.value.keys() - set(known):
                    self.fault(node.value[key], f"{key[:100]}: expected {' or '.join(known)}.")

    def end(self) -> None:
        for key, node in self.node.value.items():
            if key not in self.known:
                self.fault(node, f"{key[:100]}: expected one of {', '.join(self.known)}.")
        if self.faults:
            raise BadFile(sorted(self.faults, key=lambda fault: fault.line or 0))


def _keys_of(message: dict[str, Any]) -> tuple[str, ...]:
    return ("type", "name") if message.get("type") == "placeholder" else ("role", "content")


def _given(**values: Any) -> dict[str, Any]:
    """Those of `values` that say something."""
    return {key: value for key, value in values.items() if value}


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def _plain(value: Any) -> Any:
    return Node(value, 0).plain()


def _is_number(value: Any) -> bool:
    return type(value) is int and 1 <= value <= MOST_NUMBER


def _instead(value: Any) -> str:
    """What stands there, where a person may have meant a text."""
    if value is None:
        return ", and nothing stands here"
    if isinstance(value, bool | int | float):
        return f", not {inline(value)}; a text that looks so goes in quotes"
    return ""
