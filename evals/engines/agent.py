"""`roadworthy engine agent`: completion, tools, steps and cost of runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evals.metrics import agent
from kit.cases import BadCase, Figures, answer_each, listed


def answer(document: Any) -> dict[str, Figures]:
    """Figures of cases `{"id", "runs": [{"completed", "escalated", "cost_usd", …}]}`.

    Raises: BadCase.
    """
    return answer_each(document, _of_case)


def _of_case(case: Mapping[str, Any]) -> Figures:
    runs = [_run(one) for one in listed(case, "runs")]
    return {
        "task_completion": agent.task_completion(runs),
        "resolution_rate": agent.resolution_rate(runs),
        "tool_precision": agent.tool_precision(runs),
        "tool_recall": agent.tool_recall(runs),
        "tool_call_success": agent.tool_call_success(runs),
        "total_cost": agent.total_cost(runs),
        "cost_per_resolution": agent.cost_per_resolution(runs),
        "mean_steps": agent.mean_steps(runs),
    }


def _run(given: Any) -> agent.Run:
    if not isinstance(given, dict):
        raise BadCase("A run must be an object.")
    expected, calls = given.get("expected_tools"), given.get("calls") or []
    if not isinstance(calls, list) or not all(isinstance(call, dict) for call in calls):
        raise BadCase("calls must be a list of objects.")
    return agent.Run(
        completed=bool(given.get("completed")),
        escalated=bool(given.get("escalated")),
        cost=given.get("cost_usd"),
        steps=given.get("steps"),
        expected=None if expected is None else tuple(str(one) for one in expected),
        calls=tuple(
            agent.Call(str(call.get("tool")), call.get("args_ok"), call.get("error"))
            for call in calls
        ),
    )
