"""`roadworthy remap`: columns come back from the raw attributes, beside writers, any time."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Project
from audit.models import AuditEntry
from tests.traces.recordings import JSON, NAMES, PROTOBUF, bodies
from tests.traces.stored import connect, fetch, open_store, rows, span, totals
from traces.digest import queue
from traces.digest.settle import settle_what_is_due
from traces.ingest.pipeline import Dialect, prepare
from traces.services import remap
from traces.services.remap import Remapped, remap_spans

pytestmark = pytest.mark.django_db(transaction=True)

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
SPANS = "select * from span order by project_id, trace_id, span_id"
CONTENTS = "select trace_id, span_id, body from span_content order by 1, 2"
# What an old release might have left: nothing of what the dialects know.
WRECK = """update span set kind = 0, model = 'wrong', model_requested = null, provider = null,
  in_uncached = 7, in_cached = null, out_text = null, user_id = null, session_id = 'elsewhere',
  prompt_name = null, feature = 'old', environment = null, input_preview = 'old'"""


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settled without waiting three seconds for it."""
    monkeypatch.setattr(queue, "SETTLED_AFTER_SECONDS", 0.0)


def send(project: Project, body: bytes, kind: str, dialect: Dialect = Dialect.OTLP) -> int:
    prepared = prepare(body, encoding="", content_type=kind, dialect=dialect, project_id=project.pk)
    with open_store() as store:
        store.write(prepared.spans)
    return len(prepared.spans)


def send_recording(project: Project, name: str) -> None:
    form = "pb" if bodies(name, "pb") else "json"
    for body in bodies(name, form):
        send(project, body, PROTOBUF if form == "pb" else JSON)


def settle() -> None:
    with connect() as link:
        settle_what_is_due(link)


def again(project: Project, **options: Any) -> Remapped:
    with connect() as link:
        return remap_spans(link, [project], LONG_AGO, **options)


@pytest.mark.parametrize("name", NAMES)
def test_wrecked_columns_come_back(project: Project, name: str) -> None:
    send_recording(project, name)
    settle()
    before, contents, sums = fetch(SPANS), fetch(CONTENTS), totals()
    untouched = again(project)
    assert (untouched.seen, untouched.changed) == (len(before), 0)
    with connect() as link:
        link.execute(WRECK)
    assert again(project).changed == len(before)
    settle()
    assert fetch(SPANS) == before
    assert fetch(CONTENTS) == contents
    assert totals() == sums
    assert again(project).changed == 0


def test_a_dry_run_says_what_would_change_and_changes_nothing(project: Project) -> None:
    send_recording(project, "langfuse-python-5.0.4-trace")
    settle()
    with connect() as link:
        link.execute(WRECK)
    before = fetch(SPANS)
    out = StringIO()
    call_command("remap", since=LONG_AGO, dry_run=True, stdout=out)
    assert f"{len(before)} spans would change, 0 stand as they were" in out.getvalue()
    assert f"  model: {len(before)}\n" in out.getvalue()
    assert fetch(SPANS) == before
    assert fetch("select count(*) from digest_queue") == [(0,)]
    assert not AuditEntry.objects.filter(action__startswith="remap.").exists()


def test_a_run_is_told_and_audited(project: Project) -> None:
    send_recording(project, "openinference-openai-0.1.66-chat")
    with connect() as link:
        link.execute("update span set model = null")
    out = StringIO()
    call_command("remap", since=LONG_AGO, project="support", stdout=out)
    [line] = [line for line in out.getvalue().splitlines() if line.startswith("support: from")]
    again_until = StringIO()
    call_command("remap", "--since", "2020-01-01", "--until", line.split()[2], stdout=again_until)
    assert "0 spans changed, 0 stand" in again_until.getvalue()
    started, ended = AuditEntry.objects.filter(action__startswith="remap.").order_by("pk")[:2]
    assert (started.action, ended.action) == ("remap.started", "remap.ended")
    assert ended.details["changed"] >= 1
    with pytest.raises(CommandError, match="There is no project 'nowhere'"):
        call_command("remap", since=LONG_AGO, project="nowhere")


def test_only_the_range_and_the_project_asked_for_change(project: Project) -> None:
    send_recording(project, "otel-sdk-1.45.2-genai-current")
    with connect() as link:
        link.execute(WRECK)
    [(first, last)] = fetch("select min(start_time), max(start_time) from span")
    with connect() as link:
        assert remap_spans(link, [project], LONG_AGO, first).seen == 0
        assert remap_spans(link, [], LONG_AGO).seen == 0
        assert remap_spans(link, [project], last).seen >= 1


def test_what_no_dialect_made_stays_as_its_sender_gave_it(project: Project) -> None:
    with open_store() as store:
        store.write(rows(span("own", model="mine", in_uncached=3), project_id=project.pk))
    body = b"""{"batch": [{"id": "e", "type": "generation-create", "timestamp":
      "2026-11-20T12:00:00Z", "body": {"id": "o", "traceId": "t", "model": "gpt-4o"}}]}"""
    send(project, body, JSON, Dialect.LANGFUSE)
    with connect() as link:
        link.execute("update span set user_id = 'somebody'")
    before = fetch(SPANS)
    done = again(project)
    assert (done.seen, done.changed, done.untouched) == (2, 0, 2)
    assert fetch(SPANS) == before


def test_batches_meet_every_span_once(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    send_recording(project, "traceloop-sdk-0.62.4-workflow")
    settle()
    before = fetch(SPANS)
    with connect() as link:
        link.execute(WRECK)
    monkeypatch.setattr(remap, "BATCH", 1)
    monkeypatch.setattr(remap, "_NEXT", remap._NEXT.replace("limit 500", "limit 1"))
    done = again(project)
    assert (done.seen, done.changed) == (len(before), len(before))
    settle()
    assert fetch(SPANS) == before


def test_a_writer_beside_it_loses_nothing(project: Project) -> None:
    name = "traceloop-sdk-0.62.4-workflow"
    send_recording(project, name)
    settle()
    before, sums = fetch(SPANS), totals()
    faults: list[BaseException] = []

    def write() -> None:
        try:
            for _ in range(15):
                send_recording(project, name)
        except BaseException as error:
            faults.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    while writer.is_alive():
        with connect() as link:
            link.execute("update span set user_id = null, model = 'wrong' where span_id > '5'")
        again(project)
        settle()
    writer.join()
    assert not faults
    again(project)
    settle()
    assert fetch(SPANS) == before
    assert totals() == sums
