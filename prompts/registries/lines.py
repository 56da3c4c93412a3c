"""A plan as the command and REST tell it, and what a registry can be asked for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from kit.errors import DomainError

# A review that got so far needs nothing more of whoever waits for the approval.
WELL = frozenset({"approved", "rolling_out", "complete"})
REFUSED = frozenset({"changes_requested", "halted", "rolled_back", "closed"})


class Refused(DomainError):
    """The registry does not take the files, or cannot be reached; the text says why."""


@dataclass(frozen=True)
class Line:
    """A step. `review` and `url` are of the review that asks for it, where one does."""

    act: str
    prompt: str
    text: str
    number: int | None = None
    label: str = ""
    before: int | None = None
    review: int | None = None
    url: str = ""

    def __str__(self) -> str:
        return f"{self.prompt}: {self.text}" + (f" ({self.url})" if self.url else "")


class Registry(Protocol):
    """A project's registry, here or on a server. Each raises DomainError with a readable text."""

    def export(self) -> dict[str, str]:
        """The text of every file by its path."""

    def plan(self, texts: Mapping[str, str], *, prune: bool) -> list[Line]:
        """The steps from what stands to what the files say."""

    def apply(self, texts: Mapping[str, str], *, prune: bool) -> list[Line]:
        """The steps that were taken; with a conflict none is, and it is refused."""

    def statuses(self, reviews: Collection[int]) -> dict[int, str]:
        """Where reviews stand."""
