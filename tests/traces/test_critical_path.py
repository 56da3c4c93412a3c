"""The critical path on trees made by hand, and that it holds for any tree."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from traces.pages.critical import critical_path
from traces.pages.tree import SpanTree
from traces.queries.detail import TreeSpan

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def span(span_id: str, parent: str | None, at: int, end: int | None) -> TreeSpan:
    return TreeSpan(
        span_id, parent, span_id, 0, 1, NOON + timedelta(microseconds=at),
        None if end is None else end - at, None, None, False, None, None, None,
    )  # fmt: skip


def path(*spans: TreeSpan, length: int = 100) -> dict[str, list[tuple[int, int]]]:
    return critical_path(SpanTree(sorted(spans, key=lambda one: one.start_time)), length)


def test_a_span_alone_is_the_path() -> None:
    assert path(span("r", None, 0, 100)) == {"r": [(0, 100)]}


def test_one_after_the_other_is_all_of_it() -> None:
    found = path(span("r", None, 0, 100), span("a", "r", 10, 40), span("b", "r", 50, 90))
    assert found == {"r": [(0, 10), (40, 50), (90, 100)], "a": [(10, 40)], "b": [(50, 90)]}


def test_of_spans_side_by_side_the_last_to_end_is_waited_for() -> None:
    found = path(span("r", None, 0, 100), span("a", "r", 10, 60), span("b", "r", 10, 80))
    assert found == {"r": [(0, 10), (80, 100)], "b": [(10, 80)]}


def test_before_the_last_one_began_another_was_waited_for() -> None:
    found = path(
        span("r", None, 0, 100),
        span("fast", "r", 0, 20),
        span("slow", "r", 0, 45),
        span("last", "r", 50, 100),
    )
    assert found == {"r": [(45, 50)], "slow": [(0, 45)], "last": [(50, 100)]}


def test_it_goes_down_to_the_leaves() -> None:
    found = path(
        span("r", None, 0, 100),
        span("a", "r", 0, 90),
        span("b", "a", 20, 90),
        span("c", "a", 0, 15),
    )
    assert found == {"r": [(90, 100)], "a": [(15, 20)], "b": [(20, 90)], "c": [(0, 15)]}


def test_what_outlasts_its_parent_was_waited_for_until_the_parents_end() -> None:
    found = path(span("r", None, 0, 100), span("late", "r", 60, 400), length=400)
    assert found == {"r": [(0, 60)], "late": [(60, 100)]}


def test_what_begins_after_its_parents_end_is_not_on_it() -> None:
    assert path(span("r", None, 0, 100), span("judge", "r", 150, 200), length=200) == {
        "r": [(0, 100)]
    }


def test_a_span_that_still_runs_lasts_to_the_end_of_the_axis() -> None:
    found = path(span("r", None, 0, None), span("a", "r", 10, 30), length=70)
    assert found == {"r": [(0, 10), (30, 70)], "a": [(10, 30)]}


@st.composite
def trees(draw: st.DrawFn) -> list[TreeSpan]:
    found = [span("0", None, 0, draw(st.integers(1, 200)))]
    for number in range(1, draw(st.integers(0, 25)) + 1):
        at = draw(st.integers(0, 250))
        parent = str(draw(st.integers(0, number - 1)))
        found.append(span(str(number), parent, at, at + draw(st.integers(0, 120))))
    return sorted(found, key=lambda one: one.start_time)


@given(trees())
def test_its_stretches_make_up_the_root_without_overlap(spans: list[TreeSpan]) -> None:
    found = critical_path(SpanTree(spans), 1000)
    stretches = sorted(stretch for own in found.values() for stretch in own)
    root = next(one for one in spans if one.span_id == "0")
    assert stretches[0][0] == 0
    assert stretches[-1][1] == root.duration_us
    assert all(a[1] == b[0] for a, b in pairwise(stretches))
