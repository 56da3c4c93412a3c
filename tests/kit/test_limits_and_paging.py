"""Buckets refill as they say, cursors come back as they were, and forged ones are refused."""

from __future__ import annotations

import contextlib
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit import limits
from kit.limits import TokenBucket
from kit.paging import BadCursor, decode_cursor, encode_cursor


class Clock:
    """Stands in for the clock of the machine, and goes on when it is told to."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    standing = Clock()
    monkeypatch.setattr(limits, "time", standing)
    return standing


def test_a_bucket_gives_its_burst_and_then_says_how_long_to_wait(clock: Clock) -> None:
    bucket = TokenBucket(rate=50, burst=3)
    assert [bucket.take() for _ in range(3)] == [0.0, 0.0, 0.0]
    wait = bucket.take()
    assert wait == pytest.approx(0.02)
    clock.now += wait / 2
    assert bucket.take() == pytest.approx(0.01)
    clock.now += wait
    assert bucket.take() == 0.0


def test_a_bucket_never_holds_more_than_its_burst(clock: Clock) -> None:
    bucket = TokenBucket(rate=10_000, burst=2)
    clock.now += 60
    assert bucket.take(3) > 0
    assert bucket.take(2) == 0.0
    assert TokenBucket(rate=1, burst=2).take(3) > 0


def test_threads_together_get_no_more_than_there_is() -> None:
    bucket = TokenBucket(rate=0.001, burst=100)
    taken: list[int] = []

    def take() -> None:
        taken.append(sum(bucket.take() == 0.0 for _ in range(50)))

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(taken) == 100


_PARTS = st.lists(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20), max_size=4
)


@given(_PARTS)
def test_a_cursor_comes_back_as_it_was(parts: list[object]) -> None:
    cursor = encode_cursor(*parts)
    assert cursor.isascii()
    assert not set("+/=&?# ") & set(cursor)
    assert decode_cursor(cursor, parts=len(parts)) == parts
    with pytest.raises(BadCursor):
        decode_cursor(cursor, parts=len(parts) + 1)


@given(st.text(max_size=40))
def test_anything_else_is_refused_and_never_fails(cursor: str) -> None:
    with contextlib.suppress(BadCursor):
        decode_cursor(cursor, parts=2)
