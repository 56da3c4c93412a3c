"""Windows and hours of the clock, over midnight and where clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from alerts.quiet import Hours, Window, held_until, quiet_until, window_end

NIGHT = Hours(time(22), time(7), "Europe/Berlin")


def at(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=UTC)  # type: ignore[arg-type, misc]


def test_a_window_ends_and_begins_on_the_second() -> None:
    once = Window(at(2026, 3, 2, 10), at(2026, 3, 2, 12))
    assert window_end(once, at(2026, 3, 2, 9, 59, 59)) is None
    assert window_end(once, at(2026, 3, 2, 10)) == once.ends
    assert window_end(once, once.ends) is None
    assert window_end(once, at(2026, 3, 9, 11)) is None


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        (at(2026, 3, 7, 21, 59), None),  # Saturday 22:59 in Berlin
        (at(2026, 3, 7, 22), at(2026, 3, 8, 1)),
        (at(2026, 3, 8, 0, 59), at(2026, 3, 8, 1)),
        (at(2026, 3, 8, 1), None),
        (at(2026, 2, 28, 23), None),  # before it was planned
        # Clocks go forward at 2:00 on 29 March: 2:00 is an hour that is not there.
        (at(2026, 3, 28, 22, 30), at(2026, 3, 29, 1)),
        (at(2026, 4, 4, 21), at(2026, 4, 5, 0)),
    ],
)
def test_a_weekly_window_keeps_its_clock(now: datetime, ends: datetime | None) -> None:
    weekly = Window(at(2026, 3, 7, 22), at(2026, 3, 8, 1), True, "Europe/Berlin")
    assert window_end(weekly, now) == ends


def test_windows_that_follow_each_other_are_one_and_others_features_do_not_count() -> None:
    ten, noon, two = at(2026, 3, 2, 10), at(2026, 3, 2, 12), at(2026, 3, 2, 14)
    windows = [Window(noon, two, feature="search"), Window(ten, noon)]
    assert held_until(windows, "search", ten) == two
    assert held_until(windows, "refunds", ten) == noon
    assert held_until(windows, "refunds", noon) is None


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        (at(2026, 1, 5, 20, 59), None),
        (at(2026, 1, 5, 21), at(2026, 1, 6, 6)),
        (at(2026, 1, 6, 5, 59), at(2026, 1, 6, 6)),
        (at(2026, 1, 6, 6), None),
        (at(2026, 7, 6, 20), at(2026, 7, 7, 5)),  # in summer
        (at(2026, 3, 28, 23), at(2026, 3, 29, 5)),  # a short night
    ],
)
def test_quiet_hours_go_over_midnight(now: datetime, ends: datetime | None) -> None:
    assert quiet_until(NIGHT, now) == ends


def test_quiet_hours_by_day_and_none_at_all() -> None:
    noon = Hours(time(12), time(13))
    assert quiet_until(noon, at(2026, 1, 5, 12, 30)) == at(2026, 1, 5, 13)
    assert quiet_until(noon, at(2026, 1, 5, 13)) is None
    assert quiet_until(Hours(time(5), time(5)), at(2026, 1, 5, 5)) is None
