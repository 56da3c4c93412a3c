"""Parts of a trace in any order and grouping, some twice, end in one state: nothing depends on it.

Spans and log records over OTLP, creates and updates of Langfuse's ingestion, scores; spans,
contents, totals, figures by hour and words.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.traces import piecemeal
from tests.traces.piecemeal import PIECES, Piece
from tests.traces.stored import fetch
from traces.digest import queue

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settled without waiting three seconds for it."""
    monkeypatch.setattr(queue, "SETTLED_AFTER_SECONDS", 0.0)


@st.composite
def sendings(draw: st.DrawFn) -> list[tuple[list[Piece], bool]]:
    """Every piece, some again, in any order, in groups; after some groups the trace settles."""
    twice = draw(st.lists(st.sampled_from(range(len(PIECES))), max_size=15))
    order = draw(st.permutations([*range(len(PIECES)), *twice]))
    groups: list[tuple[list[Piece], bool]] = []
    while order:
        size = draw(st.integers(1, 9))
        groups.append(([PIECES[place] for place in order[:size]], draw(st.booleans())))
        order = order[size:]
    return groups


def ended(groups: list[tuple[list[Piece], bool]]) -> dict[str, Any]:
    piecemeal.empty()
    for pieces, then_settles in groups:
        piecemeal.send(pieces)
        if then_settles:
            piecemeal.settle()
    piecemeal.settle()
    return piecemeal.state()


def same(found: dict[str, Any], expected: dict[str, Any]) -> None:
    for part, wanted in expected.items():
        assert found[part] == wanted, part


@pytest.fixture
def in_order() -> dict[str, Any]:
    """What stands when each piece was sent once, by itself, and the trace settled at the end."""
    return ended([([piece], False) for piece in PIECES])


def test_the_trace_is_whole(in_order: dict[str, Any]) -> None:
    assert in_order["waiting"] == [(0,)]
    assert not any(waits for *_, waits in in_order["events"])
    assert len(in_order["scores"]) == 3
    assert all(in_order[part] for part in ("usage", "lengths", "hours", "counted", "words"))
    assert {row[0] for row in fetch("select reason <> '' from uncounted")} == {True}
    said = fetch("select name, user_id, session_id, error_count from trace where name = 'refund'")
    assert said == [("refund", "someone", "sess-9", 1)]


def test_a_repeat_after_its_events_joined_changes_nothing(in_order: dict[str, Any]) -> None:
    same(ended([(PIECES, True), (PIECES, False)]), in_order)
    same(ended([(PIECES, True), *(([piece], True) for piece in PIECES)]), in_order)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(sendings())
def test_no_order_and_no_grouping_matters(
    in_order: dict[str, Any], groups: list[tuple[list[Piece], bool]]
) -> None:
    same(ended(groups), in_order)
