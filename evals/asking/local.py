"""The gates of a project in this installation's database; its workers do the work."""

from __future__ import annotations

import time
from typing import Any

from accounts.models import Project
from accounts.services.trail import Actor
from evals.asking.asked import Refused, RunTold
from evals.models import GateRun
from evals.queries.gates import get_run
from evals.rest.gate_documents import run_document
from evals.services.gate_asking import Question, ask_gate

LOOK_EVERY_S = 0.5


class LocalGatekeeper:
    """Acts in the name of `actor`: a key's, a person's, or (None) the product's own."""

    def __init__(self, project: Project, actor: Actor) -> None:
        self._project = project
        self._actor = actor

    def ask(self, question: dict[str, Any]) -> RunTold:
        """The run that answers. Raises: DomainError."""
        asked = Question(
            prompt=question["prompt"],
            version=question.get("version"),
            environment=question["environment"],
            baseline=question.get("baseline", ""),
            model=question.get("model", ""),
            is_fresh=question.get("fresh", False),
        )
        run = ask_gate(self._project, asked, trigger=GateRun.Trigger.CLI, actor=self._actor)
        return self._told(run.pk)

    def look(self, run: int, *, wait_s: float) -> RunTold:
        """The run as it is after so many seconds at most. Raises: Refused."""
        until = time.monotonic() + wait_s
        while True:
            told = self._told(run)
            left = until - time.monotonic()
            if told["state"] != GateRun.State.RUNNING or left <= 0:
                return told
            time.sleep(min(LOOK_EVERY_S, left))

    def _told(self, pk: int) -> RunTold:
        run = get_run(self._project, pk)
        if run is None:
            raise Refused(f"Run {pk} is gone.")
        run.gate.project = self._project
        return run_document(run)
