"""The same seed tells the same story, byte for byte, and nothing of it lies in the future."""

from __future__ import annotations

from datetime import timedelta

from tests.traces.demo import NOW_NS, TODAY, records
from traces.demo.scenarios import Chosen

HOUR_NS = 3_600_000_000_000


def bodies(seed: int = 7, now_ns: int = NOW_NS, days: int = 12) -> list[bytes]:
    chosen = Chosen(TODAY, days=days, seed=seed, scale=0.05)
    return [post.body for post in chosen.posts(now_ns)]


def spans(now_ns: int, days: int = 2) -> dict[tuple[str, str], object]:
    chosen = Chosen(TODAY, days=days, scale=0.2)
    return {(one.trace_id, one.span_id): one for one in records(chosen.posts(now_ns))}


def test_the_same_seed_makes_the_same_bytes() -> None:
    assert bodies() == bodies()


def test_another_seed_makes_other_traces() -> None:
    assert not set(bodies(seed=7)) & set(bodies(seed=8))


def test_loading_again_later_that_day_only_adds() -> None:
    before, after = spans(NOW_NS - 6 * HOUR_NS), spans(NOW_NS)
    assert before.items() < after.items()


def test_every_span_has_an_id_of_its_own() -> None:
    chosen = Chosen(TODAY, days=20, scale=0.1)
    found = records(chosen.posts(NOW_NS))
    assert len({(one.trace_id, one.span_id) for one in found}) == len(found)


def test_nothing_lies_in_the_future_and_the_newest_is_minutes_old() -> None:
    ends = [one.end_ns or 0 for one in records(Chosen(TODAY, days=1).posts(NOW_NS))]
    assert NOW_NS - HOUR_NS / 4 < max(ends) <= NOW_NS


def test_sixty_days_are_filled_each_and_the_last_the_most() -> None:
    found = records(Chosen(TODAY, scale=0.05).posts(NOW_NS))
    days = [(one.start_ns or 0) // (24 * HOUR_NS) for one in found if one.parent_span_id is None]
    counts = {day: days.count(day) for day in set(days)}
    last = NOW_NS // (24 * HOUR_NS)
    assert set(counts) == set(range(last - 59, last + 1))
    yesterday = (TODAY - timedelta(days=1)).toordinal() - TODAY.toordinal() + last
    assert counts[yesterday] > sum(counts.values()) / len(counts)
