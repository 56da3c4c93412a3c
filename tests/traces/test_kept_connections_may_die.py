"""A writer whose kept connection died with a restart of the database opens another and writes."""

from __future__ import annotations

import pytest

from tests.traces.stored import connect, fetch, rows, span
from traces.ingest.writer.store import Store

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_next_write_succeeds_on_a_new_connection():
    links = []

    def connected():
        links.append(connect())
        return links[-1]

    store = Store(connected)
    store.write(rows(span("before", "t")))
    with connect() as other:
        other.execute("select pg_terminate_backend(%s)", [links[0].info.backend_pid])
    store.write(rows(span("after", "t")))
    store.close()
    assert len(links) == 2
    assert fetch("select span_id from span order by 1") == [("after",), ("before",)]
