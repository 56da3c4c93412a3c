"""A span is one row and counts once, however often, in whatever order and company it comes."""

from __future__ import annotations

import random
import threading

import pytest

from bench.payloads import Shape, requests
from tests.traces.stored import connect, fetch, open_store, rows, span, totals
from traces.ingest.pipeline import Dialect, prepare
from traces.ingest.record import Level, SpanRecord
from traces.ingest.rows import Written

pytestmark = pytest.mark.django_db(transaction=True)


def family() -> list[SpanRecord]:
    """Two traces with roots, children, an error, a span without an end and unknown usage."""
    calls = {
        "in_uncached": 100,
        "in_cached": 20,
        "out_text": 7,
        "model": "gpt-4o",
        "tags": ["beta"],
    }
    return [
        span("root", "a", at=0, lasts=9, name="agent", kind=4, user_id="u1", feature="refunds"),
        span("call", "a", at=1, parent_span_id="root", user_id="u2", **calls),
        span("tool", "a", at=3, parent_span_id="root", kind=5, level=Level.ERROR, name="lookup"),
        span("late", "a", at=5, lasts=None, parent_span_id="root", session_id="sess"),
        span("only", "b", at=2, name="chat", prompt_name="p", prompt_version="3", **calls),
    ]


def shuffled_groups(spans: list[Written], seed: int) -> list[list[Written]]:
    chance = random.Random(seed)
    spans = spans * 2
    chance.shuffle(spans)
    groups = []
    while spans:
        size = chance.randint(1, 4)
        groups.append(spans[:size])
        spans = spans[size:]
    return groups


def test_the_same_batch_twice_changes_nothing():
    with open_store() as store:
        store.write(rows(*family()))
        before = totals(), fetch("select * from span order by trace_id, span_id")
        store.write(rows(*family()))
    assert (totals(), fetch("select * from span order by trace_id, span_id")) == before
    assert [row[7] for row in before[0]] == [4, 1]


@pytest.mark.parametrize("seed", range(12))
def test_order_and_grouping_do_not_matter(seed):
    with open_store() as store:
        store.write(rows(*family()))
        expected = totals()
    _empty()
    with open_store() as store:
        for group in shuffled_groups(rows(*family()), seed):
            store.write(group)
    assert totals() == expected


def _empty() -> None:
    with connect() as link:
        link.execute("truncate span, span_content, trace")


def test_a_later_copy_wins_field_by_field():
    with open_store() as store:
        store.write(rows(span("s", "t", lasts=None, model="gpt-4o", user_id="u1")))
        store.write(rows(span("s", "t", lasts=2, out_text=5, user_id="u9")))
    [(duration, model, user, out)] = fetch("select duration_us, model, user_id, out_text from span")
    assert (duration, model, user, out) == (2_000_000, "gpt-4o", "u9", 5)
    [(open_count, tokens, user)] = fetch("select open_count, tokens_out, user_id from trace")
    assert (open_count, tokens, user) == (0, 5, "u9")


def test_a_span_that_comes_with_another_start_stays_one_row():
    with open_store() as store:
        store.write(rows(span("s", "t", at=100, lasts=5)))
        store.write(rows(span("s", "t", at=98, lasts=9)))
    assert fetch("select count(*), max(duration_us) from span") == [(1, 7_000_000)]
    assert fetch("select span_count from trace") == [(1,)]


def test_a_repeat_within_one_batch_counts_once():
    with open_store() as store:
        store.write(rows(span("s", "t", lasts=None), span("s", "t", lasts=3, tags=["x"])))
    assert fetch("select span_count, duration_us, open_count from trace") == [(1, 3_000_000, 0)]
    assert fetch("select facets from trace")[0][0] == ["k:generation", "t:x"]


def test_two_writers_with_the_same_spans_agree():
    bodies = list(requests(6, seed=5, shape=Shape(spans=64)))
    prepared = [
        prepare(
            body,
            encoding="",
            content_type="application/x-protobuf",
            dialect=Dialect.OTLP,
            project_id=1,
        ).spans
        for body in bodies
    ]
    every = [each for group in prepared for each in group]
    with open_store() as store:
        for group in prepared:
            store.write(group)
    expected = totals()
    _empty()
    failures: list[BaseException] = []

    def send(seed: int) -> None:
        chance = random.Random(seed)
        spans = list(every)
        chance.shuffle(spans)
        try:
            with open_store() as store:
                for start in range(0, len(spans), 50):
                    store.write(spans[start : start + 50])
        except BaseException as error:
            failures.append(error)

    writers = [threading.Thread(target=send, args=(seed,)) for seed in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert not failures
    assert totals() == expected
    assert fetch("select count(*) from span") == [(len(every),)]
    assert fetch("select count(*) from span_content") == [(len(every),)]
