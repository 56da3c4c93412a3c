"""Answers on which a judge and people differ, and those of one cell of the confusion matrix."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from evals.calibrating.answers import Said, agreed, classes_of
from evals.models import Calibration, EvaluatorVersion, HumanLabel
from evals.queries.answers import judgements_on, labelled_answers, split_key
from evals.queries.labels import with_titles
from evals.values.scales import Scale, scale_of

SHOWN = 20
AT_ONCE = 30  # looked up together; some of them are settled
MOST_OF_A_CELL = 200


@dataclass(frozen=True, slots=True)
class Beside:
    """One labelled answer with both reasons; `labels` are what people said, the newest first."""

    trace_id: str
    span_id: str
    title: str
    labels: list[HumanLabel]
    judge_words: str
    judge_reason: str
    judge_passed: bool | None
    side: str = ""  # lenient or harsh, where they differ

    @property
    def label(self) -> HumanLabel:
        """The newest label."""
        return self.labels[0]


def disagreements(
    version: EvaluatorVersion, calibration: Calibration, *, side: str = "", most: int = SHOWN
) -> list[Beside]:
    """Those that nobody settled yet, the worst first; of one `side` where it is named."""
    listed = [
        one
        for one in calibration.figures.get("disagreements", ())
        if not side or one.get("side") == side
    ]
    sides = {str(one["key"]): str(one["side"]) for one in listed}
    keys = list(sides)
    open_ones: list[Beside] = []
    for start in range(0, len(keys), AT_ONCE):
        told = beside(version, keys[start : start + AT_ONCE])
        open_ones += [one for one in told if all(label.settled_at is None for label in one.labels)]
        if len(open_ones) >= most:
            break
    return [
        Beside(one.trace_id, one.span_id, one.title, one.labels, one.judge_words,
               one.judge_reason, one.judge_passed, sides[f"{one.trace_id}\x1f{one.span_id}"])
        for one in open_ones[:most]
    ]  # fmt: skip


def of_cell(version: EvaluatorVersion, row: int, column: int) -> list[Beside]:
    """The answers that people put into class `row` and the judge into `column`."""
    scale = scale_of(version)
    answers, _ = labelled_answers(version)
    judged = [one for one in answers if one.judge is not None and one.judge.is_defined]
    seen = [agreed(one.people, scale) for one in judged]
    classes = classes_of(scale, seen + [one.judge for one in judged if one.judge is not None])
    keys = [
        one.key
        for one in judged
        if classes.of(agreed(one.people, scale)) == row
        and classes.of(one.judge or Said()) == column
    ]
    return beside(version, keys[:MOST_OF_A_CELL])


def beside(version: EvaluatorVersion, keys: Sequence[str]) -> list[Beside]:
    """These answers in that order, with labels and the version's verdicts. Two statements."""
    scale = scale_of(version)
    pairs = [split_key(key) for key in keys]
    traces = {trace_id for trace_id, _ in pairs}
    labels: dict[tuple[str, str], list[HumanLabel]] = defaultdict(list)
    rows = HumanLabel.objects.filter(
        project_id=version.evaluator.project_id,
        name=version.evaluator.name,
        trace_id__in=traces,
        is_dropped=False,
    )
    for one in with_titles(rows).order_by("-at", "-pk"):
        labels[one.trace_id, one.span_id].append(one)
    verdicts = _verdicts(version, traces)
    found = []
    for trace_id, span_id in pairs:
        given = labels.get((trace_id, span_id))
        said = verdicts.get((trace_id, span_id)) or verdicts.get((trace_id, ""))
        if not given:
            continue
        found.append(
            Beside(
                trace_id,
                span_id,
                _title(given) or trace_id,
                given,
                "–" if said is None else scale.words(said["num"], said["label"]),
                "" if said is None else said["reason"],
                None if said is None else _passes(scale, said),
            )
        )
    return found


def _verdicts(
    version: EvaluatorVersion, traces: Iterable[str]
) -> dict[tuple[str, str], dict[str, Any]]:
    found: dict[tuple[str, str], dict[str, Any]] = {}
    columns = ("on_trace", "on_span", "repeat", "num", "label", "reason")
    for one in judgements_on(version, traces).order_by("repeat", "-at", "-pk").values(*columns):
        found.setdefault((one["on_trace"], one["on_span"]), one)
        found.setdefault((one["on_trace"], ""), one)
    return found


def _passes(scale: Scale, said: dict[str, Any]) -> bool | None:
    return scale.passes(said["num"], said["label"])


def _title(labels: Sequence[HumanLabel]) -> str:
    for one in labels:
        if title := getattr(one, "title", None):
            return str(title)
    return labels[0].item_key
