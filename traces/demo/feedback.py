"""What a judge and users say of the support assistant's answers, and what became of them.

Scores and outcomes, sent like any client's.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import orjson
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from accounts.models import Project
from traces.demo.calendar import INDEX_CHANGE, Calendar
from traces.demo.otlp import Post, Told
from traces.feedback.given import Terms
from traces.models import DataType, ScoreDefinition, ScoreSource
from traces.services.score_definitions import define_score

DEFINITIONS = (
    Terms(
        "faithfulness",
        description="Every claim of the answer stands in the documents it was given.",
        minimum=0,
        maximum=1,
        bar=0.75,
        sources=[ScoreSource.JUDGE.value, ScoreSource.HUMAN.value],
    ),
    Terms(
        "helpfulness",
        description="The answer does what the customer came for.",
        minimum=0,
        maximum=1,
        bar=0.7,
        sources=[ScoreSource.JUDGE.value, ScoreSource.HUMAN.value],
    ),
    Terms("thumbs", data_type=DataType.BOOLEAN.value, description="What the customer pressed."),
)
# Shares of the answers of a feature that a judge reads, and that customers judge.
_JUDGED = {"refund-agent": 0.3, "kb-search": 0.25, "summaries": 0.2}
_THUMBED = {"refund-agent": 0.12, "kb-search": 0.08}
_JUDGED_AFTER, _THUMBED_AFTER = timedelta(seconds=41), timedelta(seconds=75)
# Share of the agent's answers after which nobody asks again, by its prompt's version.
_RESOLVED = {"13": 0.61, "14": 0.68, "15": 0.6}
_RESOLVED_AFTER = timedelta(minutes=11)
_EACH = 100
SCORES, OUTCOMES = "/api/v1/scores", "/api/v1/outcomes"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNFAITHFUL = (
    "Promises a date that no policy gives.",
    "States 30 days; the policy that was found says 14.",
    "Says the refund was made; no tool call made one.",
    "Names a fee that stands in none of the documents.",
)
_UNHELPFUL = (
    "Repeats the policy and does not say what happens next.",
    "Asks for an order number that the customer had given.",
    "Answers in another language than the customer's.",
)
_DOWN = ("", "", "That is not what I asked.", "I had to call anyway.", "Wrong order!")


class _Answer(NamedTuple):
    """What the scores of a trace hang on."""

    trace_id: str
    feature: str
    prompt_version: str
    environment: str
    has_failed: bool
    ended: datetime


class Feedback:
    """Listens to traces as they are told, and gives their scores in requests of their own."""

    def __init__(self, calendar: Calendar, seed: int, now_ns: int) -> None:
        self._seed = seed
        self._now = _at(now_ns)
        self._index_changed = _at(calendar.midnight_ns(INDEX_CHANGE))
        self._waiting: dict[str, list[dict[str, Any]]] = {SCORES: [], OUTCOMES: []}

    def listening(self, told: Iterable[Told]) -> Iterator[Told]:
        """Yield `told`, and remember what is said of it by now."""
        for one in told:
            answer = _answer(one)
            for path, said in ((SCORES, self._scores), (OUTCOMES, self._outcomes)):
                self._waiting[path] += [each for each in said(answer) if each["at"] <= self._now]
            yield one

    def posts(self, least: int = _EACH) -> Iterator[Post]:
        """Yield requests with what is waiting, once that is `least` of a kind."""
        for path, waiting in self._waiting.items():
            while waiting and len(waiting) >= least:
                body = orjson.dumps(waiting[:_EACH])
                del waiting[:_EACH]
                yield Post(path, "application/json", body, 0)

    def _outcomes(self, answer: _Answer) -> Iterator[dict[str, Any]]:
        """Whether the agent's answer resolved it, in production."""
        if answer.feature != "refund-agent" or answer.environment != "production":
            return
        chance = random.Random(f"{self._seed}/{answer.trace_id}/end")  # noqa: S311 - it must repeat
        share = 0.1 if answer.has_failed else _RESOLVED.get(answer.prompt_version, 0.5)
        if chance.random() < share:
            yield {
                "id": f"{answer.trace_id}-resolved",
                "trace_id": answer.trace_id,
                "name": "resolved",
                "at": answer.ended + _RESOLVED_AFTER,
            }

    def _scores(self, answer: _Answer) -> Iterator[dict[str, Any]]:
        chance = random.Random(f"{self._seed}/{answer.trace_id}")  # noqa: S311 - it must repeat
        if chance.random() < _JUDGED.get(answer.feature, 0) and not answer.has_failed:
            stale = answer.feature == "kb-search" and answer.ended < self._index_changed
            well = 17 if answer.prompt_version == "15" else 10 if stale else 13
            for name, value, low, words in (
                ("faithfulness", chance.betavariate(well, 1.9), 0.75, _UNFAITHFUL),
                ("helpfulness", chance.betavariate(14, 2), 0.7, _UNHELPFUL),
            ):
                comment = chance.choice(words) if value < low else ""
                at = answer.ended + _JUDGED_AFTER
                yield _score(answer, name, round(value, 2), ScoreSource.JUDGE, comment, at)
        if answer.environment != "production":
            return
        if chance.random() < _THUMBED.get(answer.feature, 0) * (3 if answer.has_failed else 1):
            is_up = chance.random() > (0.85 if answer.has_failed else 0.07)
            comment = "" if is_up else chance.choice(_DOWN)
            at = answer.ended + _THUMBED_AFTER
            yield _score(answer, "thumbs", is_up, ScoreSource.USER, comment, at)


def define(project: Project) -> None:
    """State what the demo's scores mean, where nobody has."""
    known = set(ScoreDefinition.objects.filter(project=project).values_list("name", flat=True))
    for terms in DEFINITIONS:
        if terms.name not in known:
            define_score(project, terms, actor=None)


def _score(
    answer: _Answer, name: str, value: float | bool, source: ScoreSource, comment: str, at: datetime
) -> dict[str, Any]:
    return {
        "id": f"{answer.trace_id}-{name}",
        "trace_id": answer.trace_id,
        "name": name,
        "value": value,
        "source": source.value,
        "comment": comment,
        "environment": answer.environment,
        "at": at,
    }


def _answer(told: Told) -> _Answer:
    root = told.spans[0]
    versions = [version for span in told.spans if (version := _text(span, "gen_ai.prompt.version"))]
    return _Answer(
        root.trace_id.hex(),
        _text(root, "roadworthy.feature"),
        versions[0] if versions else "",
        told.environment,
        root.status.code == Status.STATUS_CODE_ERROR,
        _at(told.end_ns),
    )


def _text(span: Span, key: str) -> str:
    found = (pair.value.string_value for pair in span.attributes if pair.key == key)
    return str(next(found, ""))


def _at(ns: int) -> datetime:
    return _EPOCH + timedelta(microseconds=ns // 1000)
