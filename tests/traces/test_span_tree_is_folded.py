"""Which rows a page shows of a trace of any shape, and that every span can be reached."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from traces.pages.axis import Scale
from traces.pages.tree import ORPHANS, SpanTree
from traces.pages.tree_rows import MOST_ROWS, Item, More, visible
from traces.pages.waterfall import row
from traces.queries.detail import TreeSpan

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def span(
    span_id: str, parent: str | None = None, *, name: str = "", at: int = 0, level: int = 1
) -> TreeSpan:
    return TreeSpan(
        span_id, parent, name or f"name {span_id}", 0, level, NOON + timedelta(milliseconds=at),
        1000, None, None, False, None, None, None,
    )  # fmt: skip


def shown(tree: SpanTree, seeing: str | None = None) -> list[tuple[int, str]]:
    return [
        (found.level, found.key if isinstance(found, Item) else f"more {found.left}")
        for found in visible(tree, seeing=seeing)
    ]


def test_a_small_trace_is_shown_whole_depth_first() -> None:
    tree = SpanTree([span("r"), span("a", "r"), span("b", "r", at=2), span("a1", "a", at=1)])
    assert shown(tree) == [(1, "sr"), (2, "sa"), (3, "sa1"), (2, "sb")]


def test_spans_whose_parent_never_came_stand_under_one_row() -> None:
    tree = SpanTree([span("r"), span("lost", "gone"), span("below", "lost")])
    assert shown(tree) == [(1, "sr"), (1, ORPHANS), (2, "slost"), (3, "sbelow")]


def test_a_cycle_is_cut_at_its_earliest_span() -> None:
    tree = SpanTree([span("a", "b"), span("b", "a", at=1), span("self", "self", at=2)])
    assert shown(tree) == [(1, "sself"), (1, ORPHANS), (2, "sa"), (3, "sb")]


def test_more_than_five_siblings_of_one_name_share_a_row() -> None:
    twins = [span(f"e{n}", "r", name="embed", at=n) for n in range(42)]
    tree = SpanTree([span("r"), *twins, span("last", "r", at=99)])
    assert shown(tree) == [(1, "sr"), (2, "ge0"), (2, "slast")]
    group = visible(tree)[1]
    drawn = row(group, Scale.of(tree.spans), selected=None, cost=None)
    assert drawn["name"] == "embed ×42"
    assert drawn["sub"] == "total 42 ms, worst 1 ms"
    below = visible(tree, below="ge0")
    assert [found.level for found in below] == [3] * 42
    assert (3, "se40") in shown(tree, seeing="e40")
    five = SpanTree([span("r"), *[span(f"e{n}", "r", name="embed") for n in range(5)]])
    assert len(shown(five)) == 6


def test_a_large_trace_shows_its_upper_levels_and_loads_the_rest() -> None:
    shards = [span(f"c{n}", "r", at=n) for n in range(60)]
    leaves = [span(f"c{n}-{m}", f"c{n}", at=n + 60) for n in range(60) for m in range(50)]
    tree = SpanTree([span("r"), *shards, *leaves])
    rows = visible(tree)
    assert len(rows) <= MOST_ROWS
    folded = [found for found in rows if isinstance(found, Item) and not found.is_loaded]
    assert folded
    assert len(visible(tree, below=folded[0].key)) == 50


def test_a_wide_level_goes_on_where_it_stopped() -> None:
    tree = SpanTree([span("r"), *[span(f"x{n:04}", "r", at=n) for n in range(700)]])
    rows = visible(tree, seeing="r")
    more = rows[-1]
    assert isinstance(more, More)
    rest = visible(tree, below=more.key, at=more.at)
    assert isinstance(rest[0], Item)
    assert rest[0].key == f"sx{more.at:04}"
    assert isinstance(rest[-1], More)


def test_a_deep_chain_does_not_recurse() -> None:
    chain = [span("d0"), *[span(f"d{n}", f"d{n - 1}", at=n) for n in range(1, 6000)]]
    tree = SpanTree(chain)
    assert len(visible(tree)) <= MOST_ROWS
    assert tree.level("sd5999") == 6000
    assert len(visible(tree, seeing="d5999")) <= MOST_ROWS
    assert visible(tree, below="sd4000")[0].level == 4002


def test_the_search_for_errors_goes_round() -> None:
    tree = SpanTree([span("r"), span("a", "r", level=3), span("b", "a", level=3), span("c", "r")])
    assert [s.span_id for s in (tree.first_error(), tree.next_error("a")) if s] == ["b", "b"]
    again = tree.next_error("b")
    assert again is not None
    assert again.span_id == "a"
    assert [s.span_id for s in tree.find("NAME B")] == ["b"]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 30), st.one_of(st.none(), st.integers(0, 35)), st.sampled_from("xyz")
        ),
        max_size=60,
        unique_by=lambda entry: entry[0],
    )
)
def test_every_span_of_any_trace_can_be_reached(
    entries: list[tuple[int, int | None, str]],
) -> None:
    spans = [
        span(str(own), None if parent is None else str(parent), name=name, at=own)
        for own, parent, name in entries
    ]
    tree = SpanTree(spans)
    assert sorted(s.span_id for s in tree.in_order()) == sorted(s.span_id for s in spans)
    for wanted in spans:
        keys = [key for _, key in shown(tree, seeing=wanted.span_id)]
        assert keys.count(f"s{wanted.span_id}") == 1
        assert len(keys) == len(set(keys))
        level = next(lv for lv, key in shown(tree, seeing=wanted.span_id) if key == keys[-1])
        assert tree.level(keys[-1]) == level


@pytest.mark.parametrize(
    ("length_ms", "marks"),
    [(8420, ["0", "2 s", "4 s", "6 s", "8 s"]), (84, ["0", "20 ms", "40 ms", "60 ms", "80 ms"])],
)
def test_the_axis_has_round_marks(length_ms: int, marks: list[str]) -> None:
    scale = Scale(NOON, length_ms * 1000)
    assert [tick["text"] for tick in scale.ticks()] == marks
