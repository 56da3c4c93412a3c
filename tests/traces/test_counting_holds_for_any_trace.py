"""Counting does not depend on order, loses no call, and gives the totals that are known."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.traces.recordings import NAMES, decoded, expected_whole, judged
from traces.digest.calls import Call
from traces.digest.counting import count_once
from traces.ingest.record import TOKEN_CLASSES, Kind, SpanRecord

_TOKENS = st.sampled_from(
    [
        (None,) * 7,
        (120, None, None, None, 30, None, None),
        (56, 64, None, None, 30, None, None),
        (240, None, None, None, 60, None, None),
        (18, None, None, None, None, None, None),
    ]
)


@st.composite
def traces(draw: st.DrawFn) -> list[Call]:
    """Any trace: parents may be missing or in a circle, times may lie anywhere."""
    ids = [f"s{number}" for number in range(draw(st.integers(0, 9)))]
    made = []
    for span_id in ids:
        start = draw(st.integers(0, 5)) * 1_000_000
        made.append(
            Call(
                span_id,
                draw(st.sampled_from([None, "gone", *ids])),
                kind=draw(st.sampled_from([Kind.GENERATION, Kind.EMBEDDING, Kind.AGENT])),
                start=start,
                end=start + draw(st.integers(0, 5)) * 1_000_000,
                scope=draw(st.sampled_from(["app", "vendor", None])),
                model=draw(st.sampled_from([None, "gpt-4o", "gpt-4o-2024", "claude"])),
                tokens=draw(_TOKENS),
                response_id=draw(st.sampled_from([None, "r1"])),
                has_content=draw(st.booleans()),
                is_log=draw(st.booleans()),
            )
        )
    return made


@given(traces(), st.randoms(use_true_random=False))
def test_the_order_of_the_spans_changes_nothing(calls: list[Call], chance: random.Random) -> None:
    shuffled = list(calls)
    chance.shuffle(shuffled)
    assert count_once(shuffled) == count_once(calls)


@given(traces())
def test_what_does_not_count_yields_to_a_call_that_does(calls: list[Call]) -> None:
    verdicts = count_once(calls)
    by_id = {call.span_id: call for call in calls}
    assert verdicts.keys() == by_id.keys()
    for call in calls:
        verdict = verdicts[call.span_id]
        if verdict.counts or not call.may_count:
            assert verdict.instead is None
            continue
        assert verdict.reason
        assert verdict.instead is not None
        assert verdicts[verdict.instead].counts


@given(traces())
def test_a_call_with_no_equal_and_nothing_below_counts(calls: list[Call]) -> None:
    verdicts = count_once(calls)
    for call in calls:
        alone = (
            call.may_count
            and call.metered
            and not any(
                other is not call
                and (other.sums == call.sums or other.parent_span_id == call.span_id)
                for other in calls
            )
        )
        if alone and all(
            call.response_id != other.response_id for other in calls if other is not call
        ):
            assert verdicts[call.span_id].counts


def totals(records: list[SpanRecord]) -> dict[str, int]:
    def total(names: tuple[str, ...]) -> int:
        return sum(getattr(record, name) or 0 for record in records for name in names)

    return {
        "input_total": total(TOKEN_CLASSES[:4]),
        "input_cached": total(("in_cached",)),
        "input_cache_write": total(("in_cache_write",)),
        "output_total": total(TOKEN_CLASSES[4:]),
        "output_reasoning": total(("out_reasoning",)),
    }


@pytest.mark.parametrize("turn", range(3))
@pytest.mark.parametrize("name", NAMES)
def test_a_recording_s_totals_are_as_expected(name: str, turn: int) -> None:
    records = [record for request in decoded(name, "json") for record in request.records]
    random.Random(turn).shuffle(records)
    verdicts = judged(records)
    counted = [
        record
        for record in records
        if verdicts[record.span_id].counts
        and any(getattr(record, name) is not None for name in TOKEN_CLASSES)
    ]
    expected = expected_whole(name)
    assert totals(counted) == expected["totals"]
    by_model: dict[str | None, dict[str, Any]] = {}
    for model in {record.model for record in counted}:
        of_model = [record for record in counted if record.model == model]
        by_model[model] = {"calls": len(of_model), **totals(of_model)}
    assert by_model == expected["by_model"]
