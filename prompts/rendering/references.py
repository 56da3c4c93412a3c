"""References from one prompt to another, as Langfuse writes them and as we do.

Langfuse: `@@@langfusePrompt:name=NAME|label=LABEL@@@` and `…|version=N@@@`, the name first and
nothing after (packages/shared/src/features/prompts/parsePromptDependencyTags.ts in
github.com/langfuse/langfuse). Ours, after mustache's partials: `{{> NAME}}`, which is at label
production, `{{> NAME@3}}` and `{{> NAME#label}}`. What fits neither is text. A name that ends in
what looks like a version or holds `#`, `{` or `}` can be written only in Langfuse's way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from prompts.content import Content

DEFAULT_LABEL = "production"

# Langfuse's inner text has no bound; ours keeps one bad line from costing its length squared.
_TAG = re.compile(r"@@@langfusePrompt:(?P<tag>.{1,1000}?)@@@|\{\{\s*>(?P<own>[^{}\n]{1,1000})\}\}")
_LANGFUSE = re.compile(
    r"name=(?P<name>[^|]+)\|(?:version=(?P<version>[0-9]{1,9})|label=(?P<label>[^|]+))"
)
_OWN = re.compile(r"(?P<name>[^#]+?)(?:@(?P<version>[0-9]{1,9})|#(?P<label>[^#]+))?")


@dataclass(frozen=True)
class Reference:
    """Another prompt, at a version, or where `version` is None at a label."""

    name: str
    version: int | None = None
    label: str | None = DEFAULT_LABEL

    def __str__(self) -> str:
        """In words: `tone v3`, `tone at production`."""
        if self.version is not None:
            return f"{self.name} v{self.version}"
        return f"{self.name} at {self.label}"


@dataclass(frozen=True)
class Place:
    """A reference that stands at `text[start:end]`."""

    reference: Reference
    start: int
    end: int


def references_in(text: str) -> Iterator[Place]:
    """Each reference in `text`, in order."""
    for match in _TAG.finditer(text):
        if match["tag"] is not None:
            parsed = _LANGFUSE.fullmatch(match["tag"])
        else:
            parsed = _OWN.fullmatch(match["own"].strip())
        if parsed:
            yield Place(_reference(parsed), match.start(), match.end())


def references_of(content: Content) -> list[Reference]:
    """The prompts that `content` refers to itself, each once, in order of first use."""
    found = (place.reference for _, text in content.texts() for place in references_in(text))
    return list(dict.fromkeys(found))


def _reference(parsed: re.Match[str]) -> Reference:
    name = parsed["name"].strip()
    if parsed["version"] is not None:
        return Reference(name, version=int(parsed["version"]), label=None)
    return Reference(name, label=(parsed["label"] or DEFAULT_LABEL).strip())
