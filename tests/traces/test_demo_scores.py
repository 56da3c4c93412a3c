"""The demo's answers are judged, by a judge and by customers, as its story says."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from statistics import mean
from typing import Any

import orjson

from tests.traces.demo import NOW_NS, TODAY, records
from traces.demo.feedback import DEFINITIONS, OUTCOMES, SCORES
from traces.demo.otlp import Post
from traces.demo.scenarios import Chosen


def said(posts: Iterable[Post], path: str = SCORES) -> list[dict[str, Any]]:
    return [one for post in posts if post.path == path for one in orjson.loads(post.body)]


def scores(now_ns: int = NOW_NS) -> list[dict[str, Any]]:
    return said(Chosen(TODAY, days=20, scale=0.3).posts(now_ns))


def test_they_repeat_and_none_lies_in_the_future() -> None:
    given = scores()
    assert given == scores()
    assert len({score["id"] for score in given}) == len(given)
    ended = datetime.fromtimestamp(NOW_NS / 1e9, UTC)
    assert max(datetime.fromisoformat(score["at"]) for score in given) <= ended
    earlier = {score["id"]: score for score in scores(NOW_NS - 6 * 3_600_000_000_000)}
    assert earlier.items() < {score["id"]: score for score in given}.items()


def test_most_pass_their_bar_and_few_thumbs_point_down() -> None:
    by_name: dict[str, list[float]] = {}
    for score in scores():
        by_name.setdefault(score["name"], []).append(float(score["value"]))
    assert set(by_name) == {terms.name for terms in DEFINITIONS}
    for terms in DEFINITIONS:
        if terms.bar is not None:
            missed = mean(value < terms.bar for value in by_name[terms.name])
            assert 0.03 < missed < 0.3, terms.name
    assert 0.75 < mean(by_name["thumbs"]) < 0.97


def test_of_the_agents_answers_most_resolve_and_none_of_another_feature() -> None:
    ends = said(Chosen(TODAY, days=20, scale=0.3).posts(NOW_NS), OUTCOMES)
    assert {one["name"] for one in ends} == {"resolved"}
    answers = [
        one for one in records(Chosen(TODAY, days=20, scale=0.3).posts(NOW_NS))
        if one.name == "agent.resolve_ticket" and one.environment == "production"
    ]  # fmt: skip
    assert 0.5 < len(ends) / len(answers) < 0.75
    assert {one["trace_id"] for one in ends} <= {one.trace_id for one in answers}
