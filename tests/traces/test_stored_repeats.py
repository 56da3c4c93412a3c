"""What a repeat may change and what it must leave alone: contents, tags, clamped spans."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from tests.traces.stored import SECOND, connect, fetch, open_store, rows, span, totals
from traces.ingest import pipeline
from traces.ingest.pipeline import prepare_records
from traces.ingest.record import SpanRecord
from traces.ingest.rows import Written
from traces.ingest.wire.decode import Decoded
from traces.ingest.writer.merge import unpack

pytestmark = pytest.mark.django_db(transaction=True)

DAY = 86_400 * SECOND


def contents() -> list[dict[str, Any]]:
    return [
        orjson.loads(unpack(body))
        for (body,) in fetch("select body from span_content order by trace_id, span_id")
    ]


def everything() -> list[Any]:
    return [totals(), fetch("select * from span order by trace_id, span_id"), contents()]


def outside(
    *, seconds_later: float = 0, start: int | None = SECOND, **fields: Any
) -> list[Written]:
    """A span whose start is not kept as sent, as it is when it arrives that much later."""
    record = SpanRecord("t", "s", "old", start_ns=start, **fields)
    now = time.time_ns() + int(seconds_later * SECOND)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "time", SimpleNamespace(time_ns=lambda: now))
        return prepare_records(Decoded([record]), 1).spans


def test_contents_are_united_key_by_key() -> None:
    with open_store() as store:
        store.write(rows(span(attributes={"a": 1, "b": 1}, input="question", metadata={"x": 1})))
        store.write(rows(span(attributes={"b": 2, "c": 3}, output="answer", metadata={"y": 2})))
        once = everything()
        store.write(rows(span(attributes={"b": 2, "c": 3}, output="answer", metadata={"y": 2})))
    [content] = contents()
    assert content["attributes"] == {"a": 1, "b": 2, "c": 3}
    assert (content["input"], content["output"]) == ("question", "answer")
    assert content["metadata"] == {"x": 1, "y": 2}
    assert everything() == once
    assert fetch("select input_preview, output_preview from trace") == [("question", "answer")]


def test_tags_of_every_copy_stay() -> None:
    with open_store() as store:
        store.write(rows(span(tags=["a"]), span("s2", tags=["z"])))
        store.write(rows(span(tags=["b"])))
        store.write(rows(span(tags=["a"])))
        store.write(rows(span("s3", tags=["c"]), span("s2")))
    assert fetch("select facets from trace") == [(["k:generation", "t:a", "t:b", "t:c", "t:z"],)]


def test_facets_follow_a_span_that_changed() -> None:
    with open_store() as store:
        store.write(rows(span(model="gpt-4o", tags=["a"]), span("s2", model="o3")))
        store.write(rows(span(model="gpt-4.1", prompt_name="p", prompt_version="2")))
    expected = ["k:generation", "m:gpt-4.1", "m:o3", "p:p/2", "t:a"]
    assert fetch("select facets from trace") == [(expected,)]


@pytest.mark.parametrize("days_ahead", [0, 9])
def test_a_clamped_span_that_comes_again_later_is_the_same_row(days_ahead: int) -> None:
    start = SECOND if not days_ahead else time.time_ns() + days_ahead * DAY
    sent = {"start": start, "end_ns": start + 3 * SECOND}
    with open_store() as store:
        store.write(outside(**sent))
        once = everything()
        for later in (0.5, 30, 0):
            store.write(outside(seconds_later=later, **sent))
            store.write(outside(seconds_later=later, **sent))
    assert everything() == once
    assert fetch("select duration_us from span") == [(3_000_000,)]
    assert contents()[0]["sent_start_ns"] == start


def test_clamped_copies_in_one_group_are_one_row() -> None:
    sent = {"start": SECOND, "end_ns": 4 * SECOND}
    with open_store() as store:
        store.write([*outside(**sent), *outside(seconds_later=5, **sent)])
        store.write(outside(seconds_later=9, **sent))
    assert fetch("select count(*), max(duration_us) from span") == [(1, 3_000_000)]


def test_a_span_without_times_that_comes_again_is_the_same_row() -> None:
    with open_store() as store:
        store.write(outside(start=None))
        once = everything()
        store.write(outside(start=None, seconds_later=2))
        store.write(outside(start=None, seconds_later=-2))
    assert everything() == once


def test_a_copy_without_a_start_brings_the_end() -> None:
    start = time.time_ns() - 60 * SECOND
    with open_store() as store:
        store.write(rows(SpanRecord("t", "s", "call", start_ns=start)))
        store.write(outside(start=None, end_ns=start + 2 * SECOND))
        store.write(outside(start=None, end_ns=start + 2 * SECOND))
    assert fetch("select duration_us from span") == [(2_000_000,)]
    [content] = contents()
    assert (content["start_ns"], content["end_ns"]) == (start, start + 2 * SECOND)
    assert "sent_start_ns" not in content
    assert fetch("select duration_us, open_count from trace") == [(2_000_000, 0)]


def test_a_repeat_with_its_start_in_another_partition_finds_its_row() -> None:
    first = span(at=0, lasts=5)
    again = span(at=-40 * 86_400, lasts=5)
    with open_store() as store:
        store.write(rows(first))
        store.write(rows(span("other", at=-40 * 86_400, lasts=1)))
        store.write(rows(again))
    assert fetch("select span_id, count(*) from span group by 1 order by 1") == [
        ("other", 1), ("s1", 1)
    ]  # fmt: skip
    assert fetch("select span_count from trace") == [(2,)]


def test_a_unique_violation_that_hides_behind_xx000_is_taken_for_one() -> None:
    """Citus reports every fault of a shard as an internal error."""
    with open_store() as store, connect() as link:
        store.write(rows(span(user_id="u1")))
        link.execute(
            """create function hide() returns trigger language plpgsql as $$ begin
            if exists (select 1 from span where (project_id, trace_id, span_id)
                = (new.project_id, new.trace_id, new.span_id))
            then raise exception 'hidden' using errcode = 'XX000'; end if; return new; end $$"""
        )
        link.execute(
            "create trigger hidden before insert on span for each row execute function hide()"
        )
        try:
            store.write(rows(span(user_id="u2"), span("s2")))
        finally:
            link.execute("drop trigger hidden on span")
            link.execute("drop function hide")
    assert fetch("select span_id, user_id from span order by 1") == [("s1", "u2"), ("s2", None)]
    assert fetch("select span_count from trace") == [(2,)]
