"""Partitions stand before they are needed, follow the width that is set, and go without a trace."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.traces.stored import connect, fetch, open_store, rows, span
from traces import partitions
from traces.partitions import Range, existing, missing_around

pytestmark = pytest.mark.django_db(transaction=True)

LONG_AGO = datetime(2025, 3, 5, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _leave_as_found() -> Iterator[None]:
    """Partitions outlive a test: those it made go."""
    before = names()
    yield
    with connect() as link:
        for name in names() - before:
            link.execute(f"drop table {name}")


def names() -> set[str]:
    query = (
        "select c.relname from pg_class c where c.relkind = 'r' "
        "and c.relname ~ '^(span|trace_words).*_[0-9]{8}'"
    )
    return {name for (name,) in fetch(query)}


def day(number: int) -> datetime:
    return datetime(2025, 3, number, tzinfo=UTC)


def test_a_gap_between_ranges_of_another_width_is_filled_exactly() -> None:
    week = timedelta(days=7)
    held = [Range(day(3), day(4)), Range(day(6), day(7)), Range(day(9), day(12))]
    assert missing_around(day(3) + timedelta(hours=5), held, week) is None
    assert missing_around(day(5), held, week) == Range(day(4), day(6))
    assert missing_around(day(8), held, week) == Range(day(7), day(9))
    assert missing_around(day(13), held, week) == Range(day(12), day(17))


def test_every_table_gets_what_an_instant_needs_and_only_once() -> None:
    with connect() as link:
        made = partitions.make(link, [LONG_AGO])
        assert made == ["span_20250303", "span_content_20250303", "trace_words_20250303"]
        assert partitions.make(link, [LONG_AGO, LONG_AGO + timedelta(days=1)]) == []


def test_the_width_may_change_from_weeks_to_days_and_back(settings) -> None:
    with connect() as link:
        partitions.make(link, [LONG_AGO])
        settings.RETENTION_DAYS = 30
        made = partitions.make(link, [LONG_AGO, LONG_AGO + timedelta(days=5)])
        assert [name for name in made if name.startswith("span_2")] == ["span_20250310"]
        settings.RETENTION_DAYS = 0
        made = partitions.make(link, [LONG_AGO + timedelta(days=6)])
        assert [name for name in made if name.startswith("span_2")] == ["span_20250311"]
        with link.cursor() as cursor:
            held = existing(cursor)
    assert held["span_20250311"] == Range(day(11), day(17))


def test_two_makers_at_once_do_not_collide() -> None:
    import threading

    failures: list[BaseException] = []

    def make() -> None:
        try:
            with connect() as link:
                partitions.make(link, [LONG_AGO - timedelta(days=70 * n) for n in range(4)])
        except BaseException as error:
            failures.append(error)

    makers = [threading.Thread(target=make) for _ in range(3)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    assert not failures


def test_a_missing_partition_is_made_on_demand_also_after_a_drop() -> None:
    old = -300 * 86_400
    with open_store() as store, connect() as link:
        store.write(rows(span("a", "x", at=old)))
        [(name,)] = fetch("select tableoid::regclass::text from span")
        link.execute(f"drop table {name}")
        link.execute(f"drop table {name.replace('span', 'span_content')}")
        store.write(rows(span("b", "y", at=old), span("c", "z")))
    assert fetch("select span_id from span order by 1") == [("b",), ("c",)]
    assert fetch("select count(*) from span_content") == [(2,)]


def test_dropping_goes_on_where_it_was_interrupted() -> None:
    with connect() as link, connect() as reader:
        partitions.make(link, [LONG_AGO])
        link.execute("comment on table span_20250303 is 'to be dropped'")
        reader.autocommit = False
        reader.execute("select count(*) from span")
        link.execute("set statement_timeout = '300ms'")
        with pytest.raises(Exception, match="statement timeout"):
            link.execute("alter table span detach partition span_20250303 concurrently")
        link.execute("reset statement_timeout")
        reader.rollback()
        # Half detached it takes no rows, and nothing else could take its place.
        again = partitions.make(link, [LONG_AGO])
        assert again == ["span_20250303_2"]
        assert "span_20250303" in partitions.drop_before(link, datetime(2025, 3, 5, tzinfo=UTC))
        dropped = partitions.drop_before(link, datetime(2025, 3, 10, tzinfo=UTC))
    assert dropped == ["trace_words_20250303", "span_content_20250303", "span_20250303_2"]


def test_a_table_that_was_detached_by_hand_is_left_alone() -> None:
    with connect() as link:
        partitions.make(link, [LONG_AGO])
        link.execute("alter table span detach partition span_20250303")
        partitions.drop_before(link, datetime(2025, 4, 1, tzinfo=UTC))
    assert "span_20250303" in names()
