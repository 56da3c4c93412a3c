"""One item: what was asked, what every run answered, word by word beside what was expected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from json import dumps
from typing import Any

from evals.evaluating.verdicts import COUNTERPART
from evals.models import Judgement, Result
from evals.pages.matrix import NOTABLE, Part, marked
from evals.pages.runs import Run
from evals.pages.wording import change, score, text_of, title_of
from evals.queries.measures import Measure
from evals.queries.one_item import Told
from evals.values.scales import scale_of
from prompts.diff.alignment import Effort
from prompts.diff.model import Runs
from prompts.diff.words import compared

STEPS = 400_000  # of one comparison of words
LONGEST = 60_000  # characters that are shown of one text
DIFFS = ("", "expected", "baseline")


@dataclass(frozen=True)
class Said:
    """What an evaluator, or a person, said of an answer."""

    title: str
    value: str
    is_below: bool
    by: str
    reason: str
    evidence: tuple[str, ...]
    error: str
    change: str
    tone: str
    judge_trace: str
    other: tuple[int, int] | None = None  # run and repeat of the answer that it compared with


@dataclass(frozen=True)
class Answer:
    """One answer. `runs` are its words where it is compared, `parts` otherwise."""

    result: Result
    text: str
    parts: tuple[Part, ...]
    runs: Runs
    side: str  # ins: added to what it is compared with; del: missing from the other
    said: list[Said]
    people: list[Said]
    is_cut: bool
    note: str = ""  # why no word is marked


@dataclass(frozen=True)
class Column:
    """A run with the answer that is shown, and numbers of its other repeats."""

    run: Run
    is_base: bool
    answer: Answer | None
    repeats: list[tuple[int, bool, bool]]  # number, whether it is shown, whether it failed


def written(value: Any) -> str:
    """A value as it is shown whole: text as it is, anything else as JSON to be read."""
    if isinstance(value, str):
        return value
    told = text_of(value)
    if isinstance(value, list) or (isinstance(value, dict) and len(value) > 1):
        return dumps(value, ensure_ascii=False, indent=2, default=str)
    return told


def columns_of(
    runs: Sequence[Run],
    told: Mapping[int, list[Told]],
    measures: Sequence[Measure],
    *,
    repeat: int,
    diff: str,
    expected: str,
) -> list[Column]:
    """A column for each run, the baseline first; the repeat that is asked for, else the first."""
    chosen = [
        _chosen(told[run.experiment.pk], repeat) if told[run.experiment.pk] else None
        for run in runs
    ]
    texts = [_text(one) for one in chosen]
    base = chosen[0]
    columns = []
    for place, (run, one) in enumerate(zip(runs, chosen, strict=True)):
        words: Runs = ()
        side, other = "ins", None
        if one is not None and one.result.state == Result.State.DONE:
            if diff == "expected" and expected:
                words, other = _compared(expected, texts[place])[1], expected
            elif diff == "baseline" and place and base is not None:
                words, other = _compared(texts[0], texts[place])[1], texts[0]
            elif diff == "baseline" and not place and len(runs) == 2 and chosen[1] is not None:
                words, side = _compared(texts[0], texts[1])[0], "del"
        answer = None
        if one is not None:
            note = ""
            if other is not None and not any(run.is_changed for run in words):
                note = (
                    "The same, word for word."
                    if other == texts[place]
                    else "Other words all through."
                )
            answer = _answer(
                one, texts[place], words, side, base if place else None, measures, note
            )
        shown = one.result.repeat if one else 0
        columns.append(
            Column(
                run, place == 0, answer,
                [(each.result.repeat, each.result.repeat == shown,
                  each.result.state == Result.State.FAILED)
                 for each in told[run.experiment.pk]],
            )
        )  # fmt: skip
    return columns


def _chosen(answers: Sequence[Told], repeat: int) -> Told:
    return next((one for one in answers if one.result.repeat == repeat), answers[0])


def _text(one: Told | None) -> str:
    return "" if one is None else written(one.result.output)[:LONGEST]


def _compared(left: str, right: str) -> tuple[Runs, Runs]:
    if left == right:
        return (), ()
    return compared(left, right, Effort(STEPS))


def _answer(
    one: Told, text: str, words: Runs, side: str, base: Told | None, measures: Sequence[Measure],
    note: str,
) -> Answer:  # fmt: skip
    quotes = [
        quote
        for judgement in one.judgements
        if judgement.passed is False
        for quote in judgement.evidence
        if isinstance(quote, str)
    ]
    before = {judgement.name: judgement for judgement in base.judgements} if base else {}
    order = {measure.name: place for place, measure in enumerate(measures)}
    higher = {measure.name: measure.is_higher_better for measure in measures}
    judged = sorted(one.judgements, key=lambda each: (order.get(each.name, 99), each.name))
    return Answer(
        result=one.result,
        text=text,
        parts=marked(text, quotes),
        runs=words,
        side=side,
        said=[_said(each, before.get(each.name), higher.get(each.name, True)) for each in judged],
        people=[
            Said(
                title_of(label.name),
                label.label if label.label is not None else score(label.num),
                label.passed is False, label.author_label, label.reason, (), "", "", "", "",
            )
            for label in one.labels
        ],
        is_cut=len(text) >= LONGEST,
        note=note,
    )  # fmt: skip


def _said(judgement: Judgement, before: Judgement | None, is_higher_better: bool) -> Said:
    value = judgement.label if judgement.label is not None else score(judgement.num)
    if judgement.version is not None:
        value = scale_of(judgement.version).words(judgement.num, judgement.label)
        if judgement.label is None and judgement.version.data_type == "number":
            value = score(judgement.num) if judgement.num is not None else "undefined"
    if judgement.state != Judgement.State.DONE:
        value = judgement.get_state_display()
    if (judgement.details or {}).get("lacks") == COUNTERPART:
        value = "no counterpart"
    other = judgement.other
    moved, tone = "", "faint"
    old = None if before is None or other is not None else before.num
    if old is not None and judgement.num is not None:
        delta = judgement.num - old
        if abs(delta) > 1e-9:
            moved = change(delta)
            if abs(delta) >= NOTABLE:
                tone = "ok" if (delta > 0) == is_higher_better else "bad"
    version = judgement.version
    by = f"v{version.number}" if version else "pushed"
    return Said(
        title_of(judgement.name), value, judgement.passed is False, by, judgement.reason,
        tuple(one for one in judgement.evidence if isinstance(one, str)), judgement.error,
        moved, tone, judgement.judge_trace_id,
        (other.experiment.number, other.repeat) if other else None,
    )  # fmt: skip
