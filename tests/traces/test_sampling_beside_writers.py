"""Traces go while others write to them, and nothing is counted wrong or left behind."""

from __future__ import annotations

import random
import threading
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connections

from accounts.models import Project
from tests.traces.stored import NOON, SECOND, connect, fetch, open_store, rows, span
from traces.digest import queue
from traces.digest.settle import settle_what_is_due
from traces.queries.limits import Limits
from traces.rollups.repair import compare
from traces.rollups.rows_of_traces import REMOVED_FROM
from traces.services.limits import set_limits
from traces.services.sampling import sample_traces

pytestmark = pytest.mark.django_db(transaction=True)

DAY = datetime.fromtimestamp(NOON / SECOND, UTC).replace(hour=0)
TOMORROW = DAY + timedelta(days=1)
# Tables that know traces and keep their rows when one is sampled away, each for a reason.
STAYS = {
    "score": "came too late, and is kept",
    "outcome": "came too late, and is kept",
    "sampled_trace": "remembers which went",
    "sampling_candidate": "is dropped once judged",
    "digest_queue": "a trace that waits in it is not removed",
    "trace_counted": "taken back by `count_traces`",
    "user_counted": "taken back by `count_users`",
    "score_counted": "scores outlive what is sampled away, and so do their figures",
    "score_queue": "notes of traces to count, taken within seconds",
    "trace_tag": "goes a day later (`annotations.forget_gone`)",
    "trace_note": "goes a day later",
    "trace_share": "goes a day later",
    "bulk_job_trace": "names what a job was given; goes with the job",
    "experiment_trace": "is dropped once it was read",
    "evals_result": "keeps an output of an experiment, should the trace go",
    "evals_judgement": "keeps what was said of an answer",
    "evals_humanlabel": "keeps what people said of an answer",
    "evals_queueitem": "keeps what was asked and answered",
}


def test_every_table_that_knows_traces_is_thought_of() -> None:
    known = fetch(
        "select table_name from information_schema.columns c "
        "join information_schema.tables t using (table_schema, table_name) "
        "where c.table_schema = 'public' and c.column_name = 'trace_id' "
        "and t.table_type = 'BASE TABLE' and not exists (select from pg_inherits "
        "where inhrelid = quote_ident(c.table_name)::regclass)"
    )
    forgotten = {name for (name,) in known} - STAYS.keys() - set(REMOVED_FROM)
    assert forgotten == set(), "remove its rows in traces.sampling.removal, or say why they stay"


def test_totals_and_figures_hold(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "SETTLED_AFTER_SECONDS", 0.0)
    set_limits(project, Limits(keep_percent=Decimal(0), wait_minutes=0), actor=None)
    sent = [0, 0]
    ends = time.monotonic() + 4

    def write(number: int) -> None:
        chance = random.Random(number)
        with open_store() as store:
            while time.monotonic() < ends:
                batch = [
                    span(f"s{number}.{sent[number] + n}", f"t{chance.randrange(30)}", at=n)
                    for n in range(8)
                ]
                if chance.random() < 0.5:
                    store.write(rows(*batch, project_id=project.pk))
                store.write(rows(*batch, project_id=project.pk))  # half of them at once again
                sent[number] += 8

    def keep_order() -> None:
        while time.monotonic() < ends:
            with connect() as link:
                settle_what_is_due(link, seconds=0.5)
            sample_traces(seconds=0.5)
        connections.close_all()  # those of this thread

    threads = [threading.Thread(target=write, args=(number,)) for number in (0, 1)]
    threads.append(threading.Thread(target=keep_order))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with connect() as link:
        settle_what_is_due(link)
    sample_traces()
    assert fetch("select count(*) from trace") == [(0,)]
    for table in ("span", "span_content", "trace_words", "trace_counted", "sampling_candidate"):
        assert fetch(f"select count(*) from {table}") == [(0,)], table
    with connect() as link:
        found = compare(link, DAY, TOMORROW)
    assert (found.wrong, found.missed) == (0, 0)
    [(kept, gone)] = fetch(
        "select coalesce(sum(spans) filter (where not sampled), 0), "
        "coalesce(sum(spans) filter (where sampled), 0) from usage_hour"
    )
    assert kept == 0
    assert gone >= sum(sent)  # a repeat that came after its trace went counts again
    [(traces,)] = fetch("select sum(traces) from trace_hour where sampled")
    assert traces == 30
