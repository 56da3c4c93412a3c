"""Percentiles from mergeable histograms stay within their stated error."""

from __future__ import annotations

import random
from statistics import quantiles

import pytest

from tests.traces.stored import fetch
from traces.rollups.histogram import BOUNDS, BUCKET_SQL, added, bounds_us, bucket_of, percentile_us


@pytest.mark.parametrize("seed", range(5))
def test_percentiles_are_within_nine_percent(seed: int) -> None:
    chance = random.Random(seed)
    durations = [round(chance.lognormvariate(13, 1.2)) + 1000 for _ in range(20_000)]
    histograms = [{}, {}]
    for place, duration in enumerate(durations):
        histogram = histograms[place % 2]
        bucket = bucket_of(duration)
        histogram[bucket] = histogram.get(bucket, 0) + 1
    total = added(histograms)
    assert sum(total.values()) == len(durations)
    exact = quantiles(durations, n=100)
    for percent in (1, 25, 50, 90, 95, 99):
        assert percentile_us(total, percent / 100) == pytest.approx(exact[percent - 1], rel=0.09)


def test_buckets_reach_from_bound_to_bound() -> None:
    for bucket in range(len(BOUNDS)):
        low, high = bounds_us(bucket)
        assert bucket_of(low) == bucket_of(high - 1) == bucket
        assert bucket_of(high) == bucket + 1


@pytest.mark.django_db(transaction=True)
def test_postgresql_puts_a_duration_into_the_same_bucket() -> None:
    durations = [0, 999, *(edge + step for edge in BOUNDS for step in (-1, 0, 1)), 2**62]
    query = f"select d, {BUCKET_SQL.format('d')} from unnest(%s::int8[]) d"
    assert all(bucket_of(d) == bucket for d, bucket in fetch(query, durations))


def test_of_nothing_there_is_no_percentile() -> None:
    assert percentile_us({}, 0.5) is None
    assert added([{3: 2}, {3: -2}]) == {}
