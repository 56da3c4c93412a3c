"""Runs of an agent: tasks completed, tools well chosen, steps and cost.

Rates over several runs add up what the runs hold (a long run weighs more), as the definitions of
tool precision and recall by multisets do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a tool; None is unknown."""

    tool: str
    arguments_ok: bool | None = None
    failed: bool | None = None

    @property
    def succeeded(self) -> bool:
        """Nothing is known against it."""
        return self.arguments_ok is not False and not self.failed


@dataclass(frozen=True, slots=True)
class Run:
    """One task. `cost` in any unit of money; None is unknown, as are `expected` tools and steps."""

    completed: bool
    escalated: bool = False  # handed to a person
    cost: float | None = None
    steps: int | None = None
    expected: tuple[str, ...] | None = None
    calls: tuple[Call, ...] = ()

    @property
    def resolved(self) -> bool:
        """Completed without a person."""
        return self.completed and not self.escalated


def task_completion(runs: Sequence[Run]) -> float | None:
    """Completed runs of all runs; None of none."""
    return sum(run.completed for run in runs) / len(runs) if runs else None


def resolution_rate(runs: Sequence[Run]) -> float | None:
    """Runs completed without a person, of all runs; None of none."""
    return sum(run.resolved for run in runs) / len(runs) if runs else None


def overlap(run: Run) -> int:
    """How many calls of a run were expected: by the multiset of tool names, arguments apart."""
    called = Counter(call.tool for call in run.calls)
    return (called & Counter(run.expected or ())).total()


def tool_precision(runs: Sequence[Run]) -> float | None:
    """Expected calls of all calls; None without calls. Runs without expectations are left out."""
    known = [run for run in runs if run.expected is not None]
    made = sum(len(run.calls) for run in known)
    return sum(overlap(run) for run in known) / made if made else None


def tool_recall(runs: Sequence[Run]) -> float | None:
    """Calls made of those expected; None where none was."""
    wanted = sum(len(run.expected or ()) for run in runs)
    return sum(overlap(run) for run in runs) / wanted if wanted else None


def tool_call_success(runs: Sequence[Run]) -> float | None:
    """Calls with right arguments and no error, of all calls; None without calls."""
    calls = [call for run in runs for call in run.calls]
    return sum(call.succeeded for call in calls) / len(calls) if calls else None


def total_cost(runs: Sequence[Run]) -> float | None:
    """What all runs cost, failures too; None where no run's cost is known."""
    known = [run.cost for run in runs if run.cost is not None]
    return fsum(known) if known else None


def cost_per_resolution(runs: Sequence[Run]) -> float | None:
    """All cost, of failures too, per resolved run; None where nothing was resolved."""
    cost, resolved = total_cost(runs), sum(run.resolved for run in runs)
    return cost / resolved if cost is not None and resolved else None


def mean_steps(runs: Sequence[Run]) -> float | None:
    """The mean number of steps of the runs that tell it."""
    known = [run.steps for run in runs if run.steps is not None]
    return sum(known) / len(known) if known else None
