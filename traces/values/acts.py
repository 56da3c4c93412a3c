"""What apps above traces can do with many of them: an act of the list's bulk bar, run as a job.

An app registers its acts in its `apps.py`; here only their shape is known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Act:
    """One act. `kind` is that of its jobs, of at most ten letters.

    `options` makes what the job is to know of a form, and refuses it with a DomainError; `run` acts
    on some traces inside the job's transaction, may be asked twice for the same, and says how many
    it changed. `fields` names the address of the piece of a page with the form's fields.
    """

    kind: str
    verb: str  # on the button
    done: str  # `4 traces added`
    icon: str
    least: str  # the role, as accounts names it
    fields: str
    options: Callable[[Any, Mapping[str, str]], dict[str, Any]]
    title: Callable[[Mapping[str, Any]], str]
    run: Callable[[Any, Sequence[str]], int]
    left: str = "left as they were"
    key: str = ""  # the single key of the button
    at_once: int = 500  # traces of a step


_ACTS: dict[str, Act] = {}


def register(act: Act) -> None:
    """Let the bulk bar offer it; once more is the same."""
    _ACTS[act.kind] = act


def acts() -> list[Act]:
    """All that are registered, in the order in which they were."""
    return list(_ACTS.values())


def act_of(kind: str) -> Act | None:
    """The act of that kind; None for those of traces itself."""
    return _ACTS.get(kind)
