"""Token totals of every convention become classes that add up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traces.ingest.canonical.usage import Classes, Counts, classes

NOTHING = Classes(None, None, None, None, None, None, None)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (Counts(), NOTHING),
        (Counts(input_total=18), NOTHING._replace(in_uncached=18)),
        (
            Counts(input_total=120, output_total=30, cached=64, cache_write=16, reasoning=8),
            Classes(40, 64, 16, None, 22, 8, None),
        ),
        # Zeros for classes a call did not use are not shown as present.
        (
            Counts(input_total=10, output_total=0, cached=0, cache_write=0, reasoning=0),
            NOTHING._replace(in_uncached=10, out_text=0),
        ),
        # The parts exceed the total: the sender left them out of it.
        (
            Counts(input_total=20, output_total=11, cached=100, cache_write=40, reasoning=50),
            Classes(20, 100, 40, None, 11, 50, None),
        ),
        (
            Counts(input_total=100, output_total=50, input_audio=60, output_audio=20),
            Classes(40, None, None, 60, 30, None, 20),
        ),
        (Counts(cached=5), NOTHING._replace(in_cached=5)),
        (Counts(total=90), NOTHING._replace(in_uncached=90)),
        (
            Counts(total=90, input_total=70),
            NOTHING._replace(in_uncached=70, out_text=20),
        ),
        # The sum of all says that the parts stand beside input, or beside output.
        (
            Counts(input_total=200, output_total=30, cached=64, total=294),
            NOTHING._replace(in_uncached=200, in_cached=64, out_text=30),
        ),
        (
            Counts(input_total=200, output_total=30, reasoning=8, total=238),
            NOTHING._replace(in_uncached=200, out_text=30, out_reasoning=8),
        ),
    ],
)
def test_classes(counts: Counts, expected: Classes) -> None:
    assert classes(counts) == expected


_COUNT = st.none() | st.integers(0, 1_000)


@given(st.builds(Counts, *[_COUNT] * 8))
def test_no_class_is_negative_and_inclusive_totals_are_kept(counts: Counts) -> None:
    assert all(count is None or count >= 0 for count in classes(counts))
    counts = counts._replace(total=None)
    found = classes(counts)
    special = (counts.cached or 0) + (counts.cache_write or 0)
    if counts.input_total is not None and special <= counts.input_total:
        assert sum(count or 0 for count in found[:4]) == counts.input_total
    spoken = (counts.reasoning or 0) + (counts.output_audio or 0)
    if counts.output_total is not None and spoken <= counts.output_total:
        assert sum(count or 0 for count in found[4:]) == counts.output_total
