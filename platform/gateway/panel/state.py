"""What the test panel is set to: which versions on which models, with what input, and the draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from prompts.content import Content, Message

COLUMNS = 4
DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class Choice:
    """One column: a version's number or `draft`, and `connection:model`; '' the version's own."""

    version: str = ""
    target: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether the column is not used."""
        return not self.version


@dataclass(frozen=True, slots=True)
class Inputs:
    """What fills the versions in. The conversation follows the prompt, or fills its placeholder."""

    variables: Mapping[str, str] = field(default_factory=dict)
    placeholders: Mapping[str, list[Message]] = field(default_factory=dict)
    conversation: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Draft:
    """A version that is being written: it begins as `begins` and keeps what the panel cannot edit.

    `begins` is the number of a version, None where the prompt has none.
    """

    content: Content
    begins: int | None = None
