"""One run of an agent: did it complete its task, with the right tools, in how many steps? Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from evals.evaluating.reading import MISSING, field_of
from evals.evaluating.setting import Check, Setting
from evals.evaluating.spec import BOOLEAN, NUMBER, Spec
from evals.evaluating.subject import Subject, ToolUse, Verdict
from evals.evaluating.verdicts import undefined, verdict_of
from evals.metrics import agent as metrics

NO_TOOLS = "What was called is not known."
NOTHING_EXPECTED = "The item expects no tools."
_YES, _NO = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})


def expected_tools(spec: Spec, subject: Subject) -> list[ToolUse] | None:
    """The tools that the item expects: names, or objects `{"name", "arguments"}`; None: not said.

    They stand at the path that the settings name in the expected output, `tools` by default.
    """
    if subject.expected is None:
        return None
    found = field_of(subject.expected, spec.config.get("path") or "tools")
    if found is MISSING and isinstance(subject.expected, list):
        found = subject.expected
    if not isinstance(found, list):
        return None
    uses = []
    for one in found:
        if isinstance(one, str):
            uses.append(ToolUse(one, MISSING))
        elif isinstance(one, Mapping) and isinstance(one.get("name") or one.get("tool"), str):
            name = one.get("name") or one["tool"]
            uses.append(ToolUse(name, one.get("arguments", one.get("args", MISSING))))
    return uses


def run_of(spec: Spec, subject: Subject) -> metrics.Run:
    """The run as `evals.metrics.agent` takes it; its cost in nano-dollars."""
    expected = expected_tools(spec, subject)
    return metrics.Run(
        completed=bool(_flag(subject, spec.config.get("completed_at") or "completed")),
        escalated=bool(_flag(subject, spec.config.get("escalated_at") or "escalated")),
        cost=subject.cost_nano,
        steps=subject.steps,
        expected=None if expected is None else tuple(use.name for use in expected),
        calls=tuple(metrics.Call(use.name, None, use.failed) for use in subject.tools or ()),
    )


def _flag(subject: Subject, path: str) -> bool | None:
    """What the run says at `path` of its metadata or its output; None where it says nothing."""
    for whole in (dict(subject.metadata), subject.output):
        found = field_of(whole, path) if whole is not None else MISSING
        if isinstance(found, bool):
            return found
        plain = str(found).strip().casefold() if isinstance(found, str | int) else ""
        if plain in _YES | _NO:
            return plain in _YES
    return None


def _completed(spec: Spec, subject: Subject) -> Verdict:
    path = spec.config.get("completed_at") or "completed"
    completed = _flag(subject, path)
    if completed is None:
        return undefined(f"The run does not say whether it is complete ({path}).")
    return verdict_of(spec, completed, "Completed." if completed else "Not completed.")


def _resolved(spec: Spec, subject: Subject) -> Verdict:
    if _flag(subject, spec.config.get("completed_at") or "completed") is None:
        return undefined("The run does not say whether it is complete.")
    run = run_of(spec, subject)
    said = "Completed" if run.completed else "Not completed"
    said += ", but handed to a person." if run.completed and run.escalated else "."
    return verdict_of(spec, run.resolved, said, details={"cost_nano": subject.cost_nano})


def _tools(
    reckon: Callable[[list[metrics.Run]], float | None], none: str, spec: Spec, subject: Subject
) -> Verdict:
    if subject.tools is None:
        return undefined(NO_TOOLS)
    if (expected := expected_tools(spec, subject)) is None:
        return undefined(NOTHING_EXPECTED)
    num = reckon([run_of(spec, subject)])
    called, wanted = Counter(use.name for use in subject.tools), Counter(u.name for u in expected)
    details = {
        "called": dict(called),
        "expected": dict(wanted),
        "missing": sorted((wanted - called).elements()),
        "needless": sorted((called - wanted).elements()),
    }
    if num is None:
        return undefined(none, details)
    said = "Called as expected."
    if details["missing"] or details["needless"]:
        said = f"Missing: {_listed(details['missing'])}; needless: {_listed(details['needless'])}."
    return verdict_of(spec, num, said, details=details)


def _listed(names: Any) -> str:
    return ", ".join(names[:20]) or "none"


def _precision(spec: Spec, subject: Subject) -> Verdict:
    return _tools(metrics.tool_precision, "No tool was called.", spec, subject)


def _recall(spec: Spec, subject: Subject) -> Verdict:
    return _tools(metrics.tool_recall, "No tool was expected.", spec, subject)


def _arguments(spec: Spec, subject: Subject) -> Verdict:
    """Of the expected calls whose tool was called, those called with the arguments expected."""
    if subject.tools is None:
        return undefined(NO_TOOLS)
    expected = expected_tools(spec, subject)
    named = [use for use in expected or () if use.arguments is not MISSING]
    left = list(subject.tools)
    right, compared, wrong = 0, 0, []
    # Exact calls are paired first, so that the order of two calls of one tool does not matter.
    for is_exact in (True, False):
        for use in list(named):
            candidates = [one for one in left if one.name == use.name]
            match = next((one for one in candidates if same_arguments(use, one)), None)
            if match is None and (is_exact or not candidates):
                continue
            left.remove(match or candidates[0])
            named.remove(use)
            compared += 1
            right += match is not None
            if match is None:
                wrong.append({"tool": use.name, "expected": use.arguments,
                              "given": candidates[0].arguments})  # fmt: skip
    if not compared:
        return undefined("No called tool has arguments that are expected.")
    said = f"{right} of {compared} calls have the arguments that are expected."
    return verdict_of(spec, right / compared, said, details={"wrong": wrong[:20]})


def same_arguments(expected: ToolUse, given: ToolUse) -> bool:
    """Whether all arguments that are expected were given so; others may be there beside."""
    wanted, had = _parsed(expected.arguments), _parsed(given.arguments)
    if isinstance(wanted, Mapping) and isinstance(had, Mapping):
        return all(name in had and _equal(value, had[name]) for name, value in wanted.items())
    return _equal(wanted, had)


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one.strip().casefold() == other.strip().casefold()
    return (
        type(one) is type(other) and bool(one == other) if isinstance(one, bool) else one == other
    )


def _parsed(arguments: Any) -> Any:
    if not isinstance(arguments, str):
        return arguments
    try:
        return orjson.loads(arguments)
    except orjson.JSONDecodeError:
        return arguments


def _success(spec: Spec, subject: Subject) -> Verdict:
    if subject.tools is None:
        return undefined(NO_TOOLS)
    share = metrics.tool_call_success([run_of(spec, subject)])
    if share is None:
        return undefined("No tool was called.")
    broken = [use.name for use in subject.tools if use.failed]
    said = f"Failed: {_listed(broken)}." if broken else "Every call succeeded."
    return verdict_of(spec, share, said)


def _steps(spec: Spec, subject: Subject) -> Verdict:
    if subject.steps is None:
        return undefined("How many steps it took is not known.")
    return verdict_of(spec, subject.steps, f"{subject.steps} steps.")


_PATH = Setting(
    "path", "Expected tools at", "line", "tools",
    help="In the expected output: names, or objects with name and arguments.",
)  # fmt: skip
_COMPLETED = Setting(
    "completed_at", "Complete at", "line", "completed",
    help="A path in the run's metadata or its output that says yes or no.",
)  # fmt: skip
_ESCALATED = Setting("escalated_at", "Handed to a person at", "line", "escalated")


def _share(
    name: str, label: str, says: str, run: Callable[[Spec, Subject], Verdict], *more: Setting
) -> Check:
    return Check(name, label, says, run, more, (NUMBER,), 0.0, 1.0, None)


AGENT_CHECKS: dict[str, Check] = {
    check.name: check
    for check in (
        Check(
            "task_completion",
            "Task completion",
            "The run says that its task is done.",
            _completed,
            (_COMPLETED,),
            (BOOLEAN,),
        ),
        Check(
            "resolution",
            "Resolution",
            "Done, and not handed to a person; with it goes cost per resolution.",
            _resolved,
            (_COMPLETED, _ESCALATED),
            (BOOLEAN,),
        ),
        _share(
            "tool_precision",
            "Tool precision",
            "Expected calls of all calls, by name; arguments apart.",
            _precision,
            _PATH,
        ),
        _share(
            "tool_recall",
            "Tool recall",
            "Calls made of those expected, by name; arguments apart.",
            _recall,
            _PATH,
        ),
        _share(
            "tool_arguments",
            "Tool arguments",
            "Of expected calls that were made, those with the arguments expected.",
            _arguments,
            _PATH,
        ),
        _share("tool_success", "Tool success", "Calls that did not fail, of all calls.", _success),
        Check(
            "steps",
            "Steps",
            "How many steps the run took.",
            _steps,
            (),
            (NUMBER,),
            0.0,
            None,
            None,
            "at_most",
        ),
    )
}
