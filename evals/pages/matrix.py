"""The matrix of items and runs: what each of its cells says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from evals.models import Result
from evals.pages.compared import Compared
from evals.pages.verdicts import Verdict
from evals.pages.wins import item_words
from evals.pages.wording import change, text_of_json
from evals.queries.answers_shown import Answer, Case
from evals.queries.measures import Measure
from evals.queries.outcomes import Item, Outcomes

LONGEST_TITLE = 120
LONG_ALIKE = 110  # characters; an answer that begins so far like the baseline's begins later
BEFORE = 40  # characters of what is alike that stay
NOTABLE = 0.05  # a smaller change of one answer's score has no colour


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of an answer; a marked one is what the judge quoted."""

    text: str
    is_marked: bool = False


@dataclass(frozen=True, slots=True)
class Chip:
    """A score of an item in a run, as a letter and a value."""

    letter: str
    name: str
    value: str
    is_below: bool
    change: str = ""
    tone: str = "faint"


@dataclass(frozen=True)
class Shown:
    """One cell. `is_missing`: the item is not in this run, and `said` says so."""

    said: tuple[Part, ...]
    chips: tuple[Chip, ...] = ()
    turned: str = ""  # pass, fail
    note: str = ""
    is_missing: bool = False
    is_error: bool = False


@dataclass(frozen=True)
class Line:
    """An item with what every run answered, the baseline first."""

    key: str
    title: str
    asks: str
    slice: str
    is_hidden: bool
    cells: list[Shown]


def lines_of(
    found: Compared,
    outcomes: Mapping[int, Outcomes],
    keys: Sequence[str],
    answers: Mapping[tuple[int, str], list[Answer]],
    cases: Mapping[str, Case],
    measures: Sequence[Measure],
    letters: Mapping[str, str],
    *,
    opens_held_out: bool,
) -> list[Line]:
    """The rows that are shown; contents of held-out items only where they may be opened."""
    runs = [(found.base, None), *((one.run, one) for one in found.verdicts)]
    first = found.measure
    ordered = sorted(measures, key=lambda one: one is not first)
    name = first.name if first else ""
    lines = []
    for key in keys:
        here = [outcomes[run.experiment.pk].items.get(key) for run, _ in runs]
        item = next(one for one in here if one is not None)
        is_hidden = item.is_held_out and not opens_held_out
        told = [
            _told(own, answers.get((run.experiment.pk, key), []), name) if own else None
            for own, (run, _) in zip(here, runs, strict=True)
        ]
        starts = starts_of([_text(one) for one in told])
        case = cases.get(key, Case("", ""))
        asks = "" if is_hidden else text_of_json(case.input)
        title = "" if is_hidden else case.title
        cells = [
            _cell(own, verdict, one, start, ordered, letters, is_hidden=is_hidden,
                  base=here[0], run_items=run.experiment.most_items)
            for own, one, start, (run, verdict) in zip(here, told, starts, runs, strict=True)
        ]  # fmt: skip
        heading = title or _cut(asks) or key
        lines.append(Line(key, heading, asks if title else "", item.slice, is_hidden, cells))
    return lines


def starts_of(texts: Sequence[str]) -> list[int]:
    """Where each answer is shown from: long ones that begin alike, just before they differ.

    The first is the baseline; it is shown from where the first of the others is.
    """
    starts = [0]
    for text in texts[1:]:
        pairs = enumerate(zip(texts[0], text, strict=False))
        alike = next((at for at, (one, other) in pairs if one != other), 0)
        is_late = alike >= LONG_ALIKE
        starts.append(text.rfind(" ", 0, alike - BEFORE) + 1 if is_late else 0)
    starts[0] = min((one for one in starts[1:] if one), default=0)
    return starts


def _text(answer: Answer | None) -> str:
    is_done = answer is not None and answer.state == Result.State.DONE
    return text_of_json(answer.text) if answer is not None and is_done else ""


def title_in(cases: Mapping[str, Case], key: str) -> str:
    """What an item is called: its title, else the beginning of what it asks, else its key."""
    case = cases.get(key)
    return (case.title or _cut(text_of_json(case.input)) or key) if case else key


def _cut(asks: str) -> str:
    words = " ".join(asks[:400].split())
    return words if len(words) <= LONGEST_TITLE else f"{words[: LONGEST_TITLE - 2].rstrip()}…"


def _cell(
    item: Item | None, verdict: Verdict | None, answer: Answer | None, start: int,
    measures: Sequence[Measure], letters: Mapping[str, str], *, is_hidden: bool,
    base: Item | None, run_items: int | None,
) -> Shown:  # fmt: skip
    if item is None:
        words = "Not in this run."
        if run_items is not None:
            words = f"Not in this run: it took a sample of {run_items:,} items."
        return Shown((Part(words),), is_missing=True)
    chips = tuple(
        _chip(item, base if verdict and not one.is_pairwise else None, one, letters[one.name])
        for one in measures
        if one.name in item.scores
    )
    turned = ""
    if verdict is not None:
        turned = (
            "pass" if item.key in verdict.pairing.to_pass
            else "fail" if item.key in verdict.pairing.to_fail else ""
        )  # fmt: skip
    note = f"{item.failed} of {item.repeats} failed" if item.failed and item.repeats > 1 else ""
    if is_hidden:
        return Shown((Part("Held out"),), chips, turned, note)
    if answer is None:
        return Shown((Part("No answer yet."),), chips, turned, note)
    if answer.state == Result.State.FAILED:
        return Shown(
            (Part(answer.error or "The call failed."),), chips, turned, note, is_error=True
        )
    if answer.state != Result.State.DONE:
        return Shown((Part("No answer yet."),), chips, turned, note)
    text = _text(answer)
    text = f"… {text[start:]}" if start else text
    quoted = answer.evidence if answer.passed is False else []
    return Shown(marked(text, quoted), chips, turned, note)


def _told(item: Item, answers: Sequence[Answer], name: str) -> Answer | None:
    """The answer that stands for all repeats: that whose score is nearest to their mean."""
    mean = item.scores[name].mean if name in item.scores else None
    done = [one for one in answers if one.state == Result.State.DONE]
    if not done:
        return answers[0] if answers else None
    if mean is None:
        return done[0]
    return min(done, key=lambda one: (1e9 if one.num is None else abs(one.num - mean), one.repeat))


def _chip(item: Item, base: Item | None, measure: Measure, letter: str) -> Chip:
    own = item.scores[measure.name]
    before = base.scores.get(measure.name) if base else None
    moved, tone = "", "faint"
    if own.mean is not None and before is not None and before.mean is not None:
        delta = own.mean - before.mean
        moved = change(delta)
        sign = 1 if measure.is_higher_better else -1
        if abs(delta) >= NOTABLE:
            tone = "ok" if sign * delta > 0 else "bad"
    return Chip(
        letter, measure.name, item_words(measure, own.mean), own.passes is False, moved, tone
    )


def marked(text: str, quotes: Iterable[str]) -> tuple[Part, ...]:
    """`text` in pieces, where one of the quotes stands in it marked."""
    wanted = sorted({one.strip() for one in quotes if len(one.strip()) > 2}, key=len, reverse=True)
    if not wanted:
        return (Part(text),)
    pattern = "|".join(re.escape(one) for one in wanted[:20])
    parts: list[Part] = []
    at = 0
    for match in re.finditer(pattern, text):
        if match.start() > at:
            parts.append(Part(text[at : match.start()]))
        parts.append(Part(match.group(), True))
        at = match.end()
    if at < len(text):
        parts.append(Part(text[at:]))
    return tuple(parts) or (Part(text),)
