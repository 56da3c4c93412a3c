"""A project over its limit hears 503 with the reason; nothing of the request is stored."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import httpx
import pytest
from google.rpc.status_pb2 import Status
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from accounts.models import Project
from audit.models import AuditEntry
from tests.factories import Key, make_key, make_project
from tests.traces.otlp_build import request, span
from tests.traces.recordings import JSON, PROTOBUF
from tests.traces.serving import Web, web_process
from tests.traces.stored import fetch, soon
from traces.models import IntakeNotice
from traces.queries.limits import Limits, used
from traces.services.limits import set_limits

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timing]
SLOW = Limits(spans_per_second=1, burst_spans=100)


def body(spans: int) -> bytes:
    trace_id = os.urandom(16)
    whole = request(*(span(trace_id=trace_id, span_id=os.urandom(8)) for _ in range(spans)))
    return whole.SerializeToString()


def post(url: str, key: Key, spans: int = 1) -> httpx.Response:
    headers = {**key.headers, "Content-Type": PROTOBUF}
    return httpx.post(f"{url}/v1/traces", content=body(spans), headers=headers, timeout=30)


def stored() -> int:
    [(count,)] = fetch("select count(*) from span")
    return int(count)


def test_over_the_rate_is_busy_and_says_so_in_the_form_of_the_request(
    web: Web, project: Project, key: Key
) -> None:
    set_limits(project, SLOW, actor=None)
    assert post(web.url, key, 300).status_code == 200  # taken whole; the rest is owed
    refused = post(web.url, key)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    status = Status.FromString(refused.content)
    assert status.code == 8
    assert "limit of 1 spans a second: nothing was stored" in status.message
    as_json = httpx.post(f"{web.url}/v1/traces", json={}, headers=key.headers)
    assert (as_json.status_code, as_json.headers["retry-after"]) == (503, "1")
    assert "1 spans a second" in as_json.json()["detail"]
    native = httpx.post(f"{web.url}/api/v1/traces", json={"spans": []}, headers=key.headers)
    assert native.json()["title"] == "Over a limit of the project"
    langfuse = httpx.post(
        f"{web.url}/api/public/ingestion", json={"batch": []}, headers=key.headers
    )
    assert (langfuse.status_code, "1 spans" in langfuse.json()["message"]) == (503, True)
    assert stored() == 300
    assert soon(lambda: used(project.pk, SLOW).refused >= 3)
    notice = IntakeNotice.objects.filter(kind="limited").first()
    assert notice is not None
    assert (notice.status, notice.public_key) == (503, key.public)
    figures = httpx.get(f"{web.url}/metrics").text
    [count] = re.findall(r"^roadworthy_intake_limited_total (\S+)$", figures, re.MULTILINE)
    assert float(count) >= 4
    # Another project of the same process is not concerned.
    assert post(web.url, make_key(make_project("other"))).status_code == 200
    entry = AuditEntry.objects.get(action="limits.changed")
    assert entry.details["after"]["spans_per_second"] == 1


def test_the_real_exporter_waits_and_loses_nothing(web: Web, project: Project, key: Key) -> None:
    set_limits(project, Limits(spans_per_second=75, burst_spans=50), actor=None)
    kept = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    tracer = provider.get_tracer("app")
    for number in range(400):
        tracer.start_span(f"step {number}").end()
    spans = kept.get_finished_spans()
    exporter = OTLPSpanExporter(endpoint=f"{web.url}/v1/traces", headers=key.headers, timeout=10)
    assert exporter.export(spans[:200]) is SpanExportResult.SUCCESS
    began = time.monotonic()
    assert exporter.export(spans[200:]) is SpanExportResult.SUCCESS
    assert time.monotonic() - began > 0.9  # it was told to wait, and did: two seconds are owed
    exporter.shutdown()
    assert stored() == 400
    assert IntakeNotice.objects.filter(kind="limited").exists()


def test_two_processes_share_a_rate(tmp_path: Path, web: Web, project: Project, key: Key) -> None:
    with web_process(tmp_path, WEB_PROCESSES="2") as other:
        set_limits(project, SLOW, actor=None)
        assert post(other.url, key).status_code == 200  # both know the limit
        assert post(web.url, key, 150).status_code == 200
        assert soon(lambda: post(other.url, key).status_code == 503)
        assert post(web.url, key).status_code == 503


def test_a_changed_limit_holds_within_seconds(web: Web, project: Project, key: Key) -> None:
    assert post(web.url, key, 200).status_code == 200
    set_limits(project, SLOW, actor=None)
    assert soon(lambda: post(web.url, key, 200).status_code == 503)
    set_limits(project, Limits(), actor=None)
    assert soon(lambda: post(web.url, key).status_code == 200)


def test_the_installation_limits_every_project_and_a_project_only_further(
    tmp_path: Path, project: Project, key: Key
) -> None:
    set_limits(project, Limits(spans_per_second=5_000, burst_spans=10), actor=None)
    with web_process(tmp_path, INTAKE_SPANS_PER_SECOND="1") as web:
        assert post(web.url, key, 40).status_code == 200
        assert "of 1 spans a second" in Status.FromString(post(web.url, key).content).message


def test_over_the_day_everything_is_taken_and_the_sender_is_told(
    web: Web, project: Project, key: Key
) -> None:
    limits = Limits(spans_per_day=100)
    assert post(web.url, key, 90).status_code == 200
    # What came before a limit counts as well, once it is written down.
    assert soon(lambda: used(project.pk, limits).day_spans >= 90)
    set_limits(project, limits, actor=None)

    def is_over() -> bool:
        assert post(web.url, key, 30).status_code == 200
        return used(project.pk, limits).over_since is not None

    assert soon(is_over)
    assert used(project.pk, limits).day_spans >= 120

    def told() -> bool:
        headers = {**key.headers, "Content-Type": JSON}
        answer = httpx.post(f"{web.url}/v1/traces", json={"resourceSpans": []}, headers=headers)
        assert answer.status_code == 200
        return "over its spans of the day" in str(answer.json())

    assert soon(told)
