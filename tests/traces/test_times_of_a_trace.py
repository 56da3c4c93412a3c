"""Own time, slow spans, idle stretches left out, the window, and evaluators that came after."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from traces.ingest.record import Kind
from traces.pages.axis import GAP_SHARE, Scale, window_of, within
from traces.pages.evaluators import parted
from traces.pages.timing import idle, own_times, slow_spans, united
from traces.pages.tree import SpanTree
from traces.queries.detail import TreeSpan

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def span(
    span_id: str, parent: str | None, at: int, end: int | None, *, kind: int = 0,
    cost: int | None = None, counts: bool = False,
) -> TreeSpan:  # fmt: skip
    return TreeSpan(
        span_id, parent, span_id, kind, 1, NOON + timedelta(microseconds=at),
        None if end is None else end - at, None, cost, counts, None, None, None,
    )  # fmt: skip


def test_overlaps_count_once() -> None:
    assert united([(5, 9), (0, 3), (2, 4), (9, 10)]) == [(0, 4), (5, 10)]


def test_own_time_is_what_no_child_covers() -> None:
    tree = SpanTree([span("r", None, 0, 100), span("a", "r", 10, 50), span("b", "r", 40, 160)])
    assert own_times(tree) == {"r": 10, "a": 40, "b": 120}


def test_slow_is_a_tenth_of_the_trace_by_itself() -> None:
    tree = SpanTree([span("r", None, 0, 100), span("a", "r", 0, 90), span("b", "r", 91, 99)])
    assert [one.span_id for one in slow_spans(tree, 100)] == ["a"]
    assert slow_spans(SpanTree([span("r", None, 0, 100)]), 100) == []


def test_idle_times_of_more_than_three_times_the_work_are_left_out() -> None:
    spans = [span("a", None, 0, 100), span("b", None, 1000, 1100), span("c", None, 1500, 1600)]
    assert idle(spans, NOON) == []  # 900 is just three times the 300 that were done
    spans[1:] = [span("b", None, 1001, 1101), span("c", None, 1500, 1600)]
    assert idle(spans, NOON) == [(100, 1001)]
    scale = Scale.of(spans)
    assert scale.share(0) == 0
    assert scale.share(1600) == 100
    assert scale.share(1001) - scale.share(100) < GAP_SHARE + 1
    assert scale.share(100) < scale.share(500) < scale.share(1001)
    assert [marker["text"] for marker in scale.markers()] == ["1 ms idle"]
    assert len(scale.ticks()) < 12


@pytest.mark.parametrize(
    ("length_us", "marks"),
    [(7, "0 2 µs 4 µs 6 µs"), (999_000, "0 200 ms 400 ms 600 ms 800 ms"),
     (61_000_000, "0 20 s 40 s 1 m"), (900_000_000, "0 5 m 10 m 15 m"),
     (86_400_000_000 * 3, "0 1 d 2 d 3 d")],
)  # fmt: skip
def test_marks_are_round_in_the_unit_that_is_read(length_us: int, marks: str) -> None:
    assert " ".join(tick["text"] for tick in Scale(NOON, length_us).ticks()) == marks


def test_a_window_shows_what_ran_in_it_and_what_stands_above() -> None:
    spans = [span("r", None, 0, 100), span("a", "r", 0, 20), span("b", "r", 50, 60)]
    scale = Scale.of(spans, window_of("40-80"))
    assert [one.span_id for one in within(spans, scale)] == ["r", "b"]
    assert (scale.share(40), scale.share(60), scale.share(80)) == (0, 50, 100)
    assert window_of("80-40") is window_of("x-5") is window_of("") is window_of("5") is None
    assert not Scale.of(spans, window_of("500-900")).is_zoomed  # beyond the end


def test_evaluators_after_the_answer_stand_apart_with_what_is_below_them() -> None:
    spans = [
        span("r", None, 0, 100),
        span("inline", "r", 50, 60, kind=Kind.EVALUATOR, cost=1),
        span("judge", "r", 141, 150, kind=Kind.EVALUATOR),
        span("call", "judge", 142, 149, kind=Kind.GENERATION, cost=5, counts=True),
    ]
    parts = parted(spans, "r")
    assert [one.span_id for one in parts.spans] == ["r", "inline"]
    assert parts.after_us == 41
    assert [one.span_id for one in parts.late_tree.roots] == ["judge"]
    assert parted(spans, None).late == []
