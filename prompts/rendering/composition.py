"""Texts of other prompts put in the place of the references to them.

A prompt is composed when it is read, so that a label moved elsewhere takes effect here. Only text
prompts can be put into another; of the prompt that is referred to, the text alone is used, not its
model, tools or parameters. What comes in is not searched again as a whole: a tag that two texts
would only form together stays text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from prompts.content import MOST_BYTES, BadContent, Content, Fault
from prompts.rendering.references import Reference, references_in

MOST_DEPTH = 8  # texts within texts; Langfuse allows 4 (MAX_PROMPT_NESTING_DEPTH counts the root)
MOST_REFERENCES = 100  # different ones in all; a guess, it bounds the reads of one answer
MOST_FAULTS = 50
TOO_LONG = f"the composed text has over {MOST_BYTES:,} bytes."
TOO_DEEP = f"texts within texts go at most {MOST_DEPTH} deep"
TOO_MANY = f"a prompt draws on at most {MOST_REFERENCES} others."


class BadReference(BadContent):
    """A reference cannot be followed; `faults` names each place."""


@dataclass(frozen=True)
class Resolved:
    """What a reference points at now."""

    version: int
    content: Content


@dataclass(frozen=True)
class Node:
    """A version of a prompt that was used. `version` is None for a draft."""

    name: str
    version: int | None

    def __str__(self) -> str:
        """In words: `tone v3`."""
        return self.name if self.version is None else f"{self.name} v{self.version}"


@dataclass(frozen=True)
class Edge:
    """`parent` has the text of `child` in it, by `reference`."""

    parent: Node
    child: Node
    reference: Reference


@dataclass(frozen=True)
class Composed:
    """A content without references, and the graph of what was used for it at which version."""

    content: Content
    root: Node
    edges: tuple[Edge, ...]

    @property
    def used(self) -> list[Node]:
        """Every version whose text came in, each once, in order of first use."""
        return list(dict.fromkeys(edge.child for edge in self.edges))


def compose(
    content: Content,
    resolve: Callable[[Reference], Resolved | None],
    *,
    root: Node = Node("this prompt", None),
) -> Composed:
    """`content` with the text of each prompt it refers to, and of those that they refer to.

    `resolve` is asked at most once for each reference; None means that there is no such version.
    A prompt never comes into itself, in whatever version. Raises: BadReference.
    """
    composer = _Composer(resolve)
    if isinstance(content.prompt, str):
        whole = replace(content, prompt=composer.part(content.prompt, "prompt", (root,)).text)
    else:
        messages = [dict(message) for message in content.prompt]
        for index, message in enumerate(messages):
            if "content" in message:
                where = f"prompt[{index}].content"
                message["content"] = composer.part(message["content"], where, (root,)).text
        whole = replace(content, prompt=messages)
    if composer.edges and sum(len(text.encode()) for _, text in whole.texts()) > MOST_BYTES:
        composer.faults.append(Fault("prompt", TOO_LONG))
    if composer.faults:
        raise BadReference(composer.faults)
    return Composed(whole, root, tuple(composer.edges))


@dataclass(frozen=True)
class _Part:
    """A text with everything in it, how deep texts stand in it, and whose they are."""

    text: str
    depth: int
    names: frozenset[str]


@dataclass
class _Composer:
    """Composes each version once, however often it is used: work is bounded by what differs."""

    resolve: Callable[[Reference], Resolved | None]
    edges: dict[Edge, None] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    found: dict[Reference, Resolved | None] = field(default_factory=dict)
    parts: dict[Node, _Part] = field(default_factory=dict)

    def part(self, text: str, where: str, path: tuple[Node, ...]) -> _Part:
        """`text`, the words of `path[-1]`, with every reference replaced."""
        pieces: list[str] = []
        inner: list[_Part] = []
        at = size = 0
        line = 1
        for place in references_in(text):
            line += text.count("\n", at, place.start)
            spot = f"line {line}" if len(path) == 1 else f"{path[-1]}, line {line}"
            try:
                part = self._inner(place.reference, where, path)
            except _Refusal as refusal:
                part = _Part("", 0, frozenset())
                self.faults.append(Fault(where, f"{spot}: {refusal}"))
            inner.append(part)
            size += len(part.text)
            if size > MOST_BYTES:
                self.faults.append(Fault(where, f"{spot}: {TOO_LONG}"))
            if size > MOST_BYTES or len(self.faults) >= MOST_FAULTS:
                raise BadReference(self.faults)
            pieces += [text[at : place.start], part.text]
            at = place.end
        return _Part(
            text="".join([*pieces, text[at:]]),
            depth=max((part.depth + 1 for part in inner), default=0),
            names=frozenset({path[-1].name}.union(*(part.names for part in inner))),
        )

    def _inner(self, reference: Reference, where: str, path: tuple[Node, ...]) -> _Part:
        """What stands in the place of `reference`. Raises: _Refusal."""
        above = {node.name for node in path}
        way = " → ".join([*map(str, path), str(reference)])
        if reference.name in above:
            raise _Refusal(f"{reference} would come into itself: {way}.")
        resolved = self._resolved(reference)
        if resolved is None:
            raise _Refusal(f"there is no {reference}.")
        text = resolved.content.prompt
        if not isinstance(text, str):
            raise _Refusal(f"{reference} is a chat prompt; only texts can be put into another.")
        if len(path) > MOST_DEPTH:
            raise _Refusal(f"{TOO_DEEP}: {way}.")
        node = Node(reference.name, resolved.version)
        if node not in self.parts:
            self.parts[node] = self.part(text, where, (*path, node))
        part = self.parts[node]
        if again := sorted(above & part.names):
            raise _Refusal(f"{again[0]} would come into itself: {way} → … → {again[0]}.")
        if len(path) + part.depth > MOST_DEPTH:
            raise _Refusal(f"{TOO_DEEP}: {way} → ….")
        self.edges[Edge(path[-1], node, reference)] = None
        return part

    def _resolved(self, reference: Reference) -> Resolved | None:
        if reference not in self.found:
            if len(self.found) >= MOST_REFERENCES:
                raise _Refusal(TOO_MANY)
            self.found[reference] = self.resolve(reference)
        return self.found[reference]


class _Refusal(Exception):
    """Why a reference cannot be followed."""
