"""A state as JSON, and taken up again: what follows is the same to the last digit."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from evals.drift.reference import Reference, Sums
from evals.drift.runs import Run, Scale
from evals.drift.settings import Settings
from evals.drift.state import Alarm, State, Stretch, Waiting
from evals.statistics.arrays import Floats

FORM = 1  # of the document; one that is not understood is recomputed from the runs
_PLAIN = (
    "items", "low", "high", "day", "reruns_today", "checked", "runs", "reruns", "without_verdict",
)  # fmt: skip


class BadState(ValueError):
    """A document that is no state, or of another form: recompute it from the runs."""


def put_away(state: State) -> dict[str, Any]:
    """The state as JSON has it: about 30 numbers an item, whole ones where scores are."""
    return {name: getattr(state, name) for name in _PLAIN} | {
        "form": FORM,
        "scale": asdict(state.scale),
        "settings": asdict(state.settings),
        "reference": _reference(state.reference),
        "pin": _reference(state.pin),
        "falling": _stretch(state.falling),
        "rising": _stretch(state.rising),
        "improved": _stretch(state.improved),
        "alarm": state.alarm and {
            "kind": state.alarm.kind, "day": state.alarm.day, "recovered": state.alarm.recovered,
            "stretch": _stretch(state.alarm.stretch), "below": _reference(state.alarm.below),
        },
        "recent": [_run(one) for one in state.recent],
        "waiting": [{"run": _run(one.run), "z": one.z} for one in state.waiting],
    }  # fmt: skip


def take_up(document: Any) -> State:
    """The state that was put away.

    Raises: BadState.
    """
    if not isinstance(document, dict) or document.get("form") != FORM:
        raise BadState("This is no state of a detector that this version understands.")
    try:
        alarm = document["alarm"]
        return State(
            Scale(**document["scale"]), Settings(**document["settings"]),
            **{name: document[name] for name in _PLAIN},
            reference=_reference_of(document["reference"]), pin=_reference_of(document["pin"]),
            falling=_stretch_of(document["falling"]), rising=_stretch_of(document["rising"]),
            improved=_stretch_of(document["improved"]),
            alarm=None if alarm is None else _alarm_of(alarm),
            recent=tuple(_run_of(one) for one in document["recent"]),
            waiting=tuple(Waiting(_run_of(one["run"]), one["z"]) for one in document["waiting"]),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadState("This state of a detector cannot be read.") from error


def _numbers(array: Floats) -> list[float | int | None]:
    return [None if one != one else int(one) if one.is_integer() else one for one in array.tolist()]


def _array(numbers: list[float | None]) -> Floats:
    array = np.array(numbers, dtype=np.float64)
    array.setflags(write=False)
    return array


def _sums(sums: Sums) -> dict[str, Any]:
    return {name: _numbers(getattr(sums, name)) for name in ("counts", "totals", "squares")}


def _sums_of(document: dict[str, Any]) -> tuple[Floats, Floats, Floats]:
    return _array(document["counts"]), _array(document["totals"]), _array(document["squares"])


def _reference(reference: Reference | None) -> dict[str, Any] | None:
    if reference is None:
        return None
    return _sums(reference) | {"levels": list(reference.levels)}


def _reference_of(document: dict[str, Any] | None) -> Reference | None:
    if document is None:
        return None
    return Reference(*_sums_of(document), levels=tuple(document["levels"]))


def _stretch(stretch: Stretch | None) -> dict[str, Any] | None:
    if stretch is None:
        return None
    return {
        "day": stretch.day, "runs": stretch.runs, "reruns": stretch.reruns,
        "sums": _sums(stretch.sums),
    }  # fmt: skip


def _stretch_of(document: dict[str, Any] | None) -> Stretch | None:
    if document is None:
        return None
    sums = Sums(*_sums_of(document["sums"]))
    return Stretch(document["day"], document["runs"], document["reruns"], sums)


def _alarm_of(document: dict[str, Any]) -> Alarm:
    stretch, below = _stretch_of(document["stretch"]), _reference_of(document["below"])
    if stretch is None or below is None:
        raise BadState("This alarm of a detector cannot be read.")
    return Alarm(document["kind"], document["day"], stretch, below, document["recovered"])


def _run(run: Run) -> dict[str, Any]:
    return {"day": run.day, "scores": _numbers(run.scores), "is_rerun": run.is_rerun}


def _run_of(document: dict[str, Any]) -> Run:
    return Run(document["day"], _array(document["scores"]), document["is_rerun"])
