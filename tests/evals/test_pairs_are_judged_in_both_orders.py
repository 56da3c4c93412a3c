"""A pair is judged in both orders: what the order decides is a tie."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from evals.evaluating.judging.asking import forget_habits
from evals.evaluating.subject import Subject, Verdict
from gateway import client
from tests.evals.judging import ABOUT, answering, said, spec, verdict
from tests.gateway.calling import openai
from tests.provider import Provider, running

pytestmark = pytest.mark.django_db(transaction=True)
OURS, OTHER = Subject(input="?", output="ours"), Subject(input="?", output="theirs")


@pytest.fixture
def upstream() -> Iterator[Provider]:
    forget_habits()
    with running() as provider:
        yield provider
    client.close()


def ask(upstream: Provider, *messages: Any, other: Subject | None = OTHER) -> Verdict:
    upstream.script = answering(*messages)
    given = {"model": "gpt-4o-mini", "connection": openai(upstream)}
    return said(spec("pairwise", given=given, rubric="The shorter one."), OURS, ABOUT, other)


@pytest.mark.parametrize(
    ("first", "second", "label", "num"),
    [
        ("first", "second", "better", 1.0),
        ("second", "first", "worse", 0.0),
        ("first", "first", "tie", 0.5),
        ("second", "second", "tie", 0.5),
        ("tie", "tie", "tie", 0.5),
        ("A", "[[B]]", "better", 1.0),
    ],
)
def test_only_what_survives_the_swap_counts(
    upstream: Provider, first: str, second: str, label: str, num: float
) -> None:
    found = ask(upstream, verdict(verdict=first), verdict(verdict=second))
    assert (found.label, found.num, found.calls) == (label, num, 2)
    assert found.details is not None
    orders = found.details["orders"]
    assert [one["first"] for one in orders] == ["answer", "other"]
    consistent = {one["says"] for one in orders}
    assert found.details["is_consistent"] == (len(consistent) == 1)


def test_the_second_call_shows_the_answers_swapped(upstream: Provider) -> None:
    ask(upstream, verdict(verdict="tie"))
    texts = [(one.body or {})["messages"][1]["content"] for one in upstream.requests]
    assert texts[0].index("ours") < texts[0].index("theirs")
    assert texts[1].index("theirs") < texts[1].index("ours")


def test_without_another_answer_the_expected_one_is_compared_with(upstream: Provider) -> None:
    upstream.script = answering(verdict(verdict="first"), verdict(verdict="second"))
    given = {"model": "gpt-4o-mini", "connection": openai(upstream)}
    subject = Subject(input="?", output="ours", expected="golden")
    found = said(spec("pairwise", given=given, rubric="Best."), subject)
    assert (found.label, (found.details or {})["against"]) == ("better", "expected")
    told = (upstream.requests[0].body or {})["messages"][1]["content"]
    assert told.count("golden") == 1
    assert "EXPECTED" not in told


def test_without_another_answer_it_is_undefined(upstream: Provider) -> None:
    assert ask(upstream, "", other=None).num is None
    assert ask(upstream, "", other=Subject()).num is None
    broken = ask(upstream, verdict(verdict="first"), "")
    assert broken.num is None
    assert broken.error
