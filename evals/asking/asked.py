"""What the command asks for and what it is told, wherever the gate stands."""

from __future__ import annotations

from typing import Any, Protocol

from kit.errors import DomainError

RunTold = dict[str, Any]  # `evals.rest.gate_documents.GateRunDocument`


class Refused(DomainError):
    """The gate does not take the question, or cannot be reached; the text says why."""


class Gatekeeper(Protocol):
    """Asks the gates of one project. Each raises DomainError with a readable text."""

    def ask(self, question: dict[str, Any]) -> RunTold:
        """The run that answers; `question` as `evals.rest.gate_bodies.GateQuestionBody`."""

    def look(self, run: int, *, wait_s: float) -> RunTold:
        """The run as soon as it is over, or as it is after so many seconds."""
