"""Asking a gate by names, as REST, the command and pages do."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Project
from accounts.services.trail import Actor
from evals.models import Gate, GateRun
from evals.queries.gates import gate_for
from evals.services.gate_errors import BadGate, NoGate
from evals.services.gate_runs import serving_version, start_run
from prompts.models import PRODUCTION, Prompt, PromptVersion
from prompts.queries.resolving import get_prompt, get_version

NOTHING = "none"  # as a baseline: only the bar decides


@dataclass(frozen=True)
class Question:
    """What is to be asked. `version` None: what serves, under another `model`.

    `baseline` is a label or a version's number; '' is what the environment serves, `none` nothing.
    """

    prompt: str
    version: int | None = None
    environment: str = PRODUCTION
    baseline: str = ""
    model: str = ""
    is_fresh: bool = False


def ask_gate(
    project: Project, question: Question, *, trigger: GateRun.Trigger, actor: Actor
) -> GateRun:
    """The run that answers, perhaps one that is on already.

    Raises: NoGate, BadGate (a name that stands for nothing), NothingToDo.
    """
    prompt = get_prompt(project.pk, question.prompt)
    if prompt is None:
        raise BadGate(f"There is no prompt {question.prompt!r}.", "prompt")
    gate = gate_for(prompt, question.environment)
    if gate is None:
        raise NoGate(
            f"{prompt.name} has no gate in {question.environment}: propose one under Gates."
        )
    return start_run(
        gate,
        _candidate(gate, question),
        trigger=trigger,
        actor=actor,
        baseline=_baseline(gate, prompt, question),
        model=question.model,
        is_fresh=question.is_fresh,
    )


def _candidate(gate: Gate, question: Question) -> PromptVersion:
    if question.version is not None:
        return _version(gate.prompt, str(question.version), "version")
    if not question.model:
        raise BadGate("Say which version, or which model for the one that serves.", "version")
    serving = serving_version(gate)
    if serving is None:
        raise BadGate(f"{gate.environment} serves no version: say which one.", "version")
    return serving


def _baseline(gate: Gate, prompt: Prompt, question: Question) -> PromptVersion | None:
    if question.baseline == NOTHING:
        return None
    if question.baseline in ("", gate.environment):
        return serving_version(gate)
    return _version(prompt, question.baseline, "baseline")


def _version(prompt: Prompt, named: str, where: str) -> PromptVersion:
    """The version of a number (`14`, `v14`), or the one that a label serves. Raises: BadGate."""
    bare = named.removeprefix("v")
    is_number = bare.isascii() and bare.isdigit() and len(bare) < 10
    found = (
        get_version(prompt, number=int(bare))
        if is_number
        else get_version(prompt, label=named.replace("\0", ""))
    )
    if found is None:
        what = f"version {bare}" if is_number else f"version under {named!r}"
        raise BadGate(f"{prompt.name} has no {what}.", where)
    return found
