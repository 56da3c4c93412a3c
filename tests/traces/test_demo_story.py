"""What the sixty days tell: features, models, versions, an incident, people in five languages."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.traces.demo import NOW_NS, TODAY, records
from traces.demo.calendar import INCIDENT, MODEL_SWITCH, PROMPT_CHANGE
from traces.demo.scenarios import Chosen
from traces.ingest.record import Level, SpanRecord

DAY_NS = 24 * 3_600_000_000_000


@pytest.fixture(scope="module")
def story() -> list[SpanRecord]:
    return records(Chosen(TODAY, days=30, scale=0.3).posts(NOW_NS))


def days_ago(one: SpanRecord) -> int:
    return int(NOW_NS // DAY_NS - (one.start_ns or 0) // DAY_NS)


def failed(spans: list[SpanRecord]) -> float:
    """Share of traces with an error."""
    bad = {one.trace_id for one in spans if one.level == Level.ERROR}
    return len(bad) / len({one.trace_id for one in spans})


def test_five_features_and_six_models_take_part(story: list[SpanRecord]) -> None:
    assert {one.feature for one in story} == {
        "refund-agent",
        "summaries",
        "ticket-triage",
        "kb-search",
        "voice-notes",
    }
    assert {one.model for one in story} >= {
        "claude-sonnet-4-5-20250929",
        "claude-haiku-4-5-20251001",
        "gpt-5-mini-2025-08-07",
        "gpt-4.1-mini-2025-04-14",
        "text-embedding-3-small",
        "voxscribe-2",
    }


def test_few_fail_but_many_on_the_day_of_the_incident(story: list[SpanRecord]) -> None:
    assert 0.01 < failed(story) < 0.05
    assert failed([one for one in story if days_ago(one) == INCIDENT]) > 0.08


def test_triage_changes_its_model_and_prompt_on_one_day(story: list[SpanRecord]) -> None:
    calls = [one for one in story if one.prompt_name == "ticket-triage" and one.model_requested]
    for one in calls:
        is_new = days_ago(one) <= MODEL_SWITCH
        assert one.model_requested == ("gpt-5-mini" if is_new else "gpt-4.1-mini")
        assert one.prompt_version == ("8" if is_new else "7")
    assert any(one.out_reasoning for one in calls)


def test_the_newer_prompt_answers_shorter(story: list[SpanRecord]) -> None:
    said: dict[str, list[int]] = {"13": [], "14": []}
    for one in story:
        if one.name == "compose_reply" and one.prompt_version in said and one.out_text:
            said[one.prompt_version].append(one.out_text)
            assert (one.prompt_version == "14") is (days_ago(one) <= PROMPT_CHANGE)
    mean = {version: sum(counts) / len(counts) for version, counts in said.items()}
    assert mean["14"] < 0.9 * mean["13"]


def test_most_is_production_and_sessions_have_turns(story: list[SpanRecord]) -> None:
    roots = [one for one in story if one.parent_span_id is None and one.user_id]
    share = Counter(one.environment for one in roots)
    assert 0.85 < share["production"] / len(roots) < 0.95
    turns = Counter(one.session_id for one in roots)
    assert max(turns.values()) == 6
    assert len({one.release for one in roots}) > 4


def test_five_languages_are_written(story: list[SpanRecord]) -> None:
    tags = {tag for one in story for tag in one.tags or []}
    assert {"lang:en", "lang:es", "lang:fr", "lang:de", "lang:ja"} <= tags


def test_answers_stream_and_use_the_cache(story: list[SpanRecord]) -> None:
    replies = [one for one in story if one.name == "compose_reply"]
    assert all(one.ttft_us for one in replies if one.level != Level.ERROR)
    assert any(one.in_cached for one in replies)
    assert any(one.in_cache_write for one in replies)
