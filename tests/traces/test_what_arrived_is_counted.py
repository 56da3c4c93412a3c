"""What arrived is counted by SDK, version and dialect, beside the spans, and shown."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Project
from governance.redaction import add_rule
from tests.factories import Key
from tests.traces.recordings import PROTOBUF, bodies
from tests.traces.stored import fetch, soon
from traces.ingest.door import counts
from traces.ingest.door.counts import Counts
from traces.ingest.pipeline import Dialect, prepare
from traces.models import IntakeCount
from traces.queries.intake import last_hour
from traces.services.intake_counts import Count, forget_old_counts, keep_counts
from traces.services.upkeep import delete_project_data
from traces.views import intake

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/p/support/settings/intake/"
COUNTED = (
    "select client, version, dialect, requests, spans, refused, rejected, cut from intake_count "
    "where project_id = %s"
)


def keep(project: Project, *, ago: int = 0, **fields: Any) -> None:
    """Counts of `ago` minutes before now."""
    minute = int((timezone.now() - timedelta(minutes=ago)).timestamp()) // 60
    who = fields.pop("who", ("langfuse-python", "5.0.4", "langfuse"))
    count = Count(last_at=minute * 60.0 + 1, **{"requests": 1, "spans": 10, "lags": [], **fields})
    keep_counts({(project.pk, minute, *who): count})


def test_what_was_sent_is_counted_within_five_seconds(client: httpx.Client, key: Key) -> None:
    python = bodies("otel-sdk-1.45.2-genai-current", "pb")[0]
    headers = {"Content-Type": PROTOBUF, "User-Agent": "OTel-OTLP-Exporter-Python/1.45.2"}
    for _ in range(2):
        assert client.post("/v1/traces", content=python, headers=headers).status_code == 200
    assert client.post("/v1/traces", content=b"{", headers=headers).status_code == 400
    stated = {"x-langfuse-sdk-name": "python", "x-langfuse-sdk-version": "5.0.4"}
    body = bodies("langfuse-python-5.0.4-trace", "pb")[0]
    client.post("/api/public/otel/v1/traces", content=body, headers=headers | stated)
    own = {"spans": [{"name": "one", "start_time": "2026-11-20T12:00:00Z"}]}
    client.post("/api/v1/traces", json=own, headers={"User-Agent": "house/2 (x)"})
    assert soon(lambda: sum(row[3] for row in fetch(COUNTED, key.stored.project_id)) == 4)
    assert soon(lambda: sum(row[5] for row in fetch(COUNTED, key.stored.project_id)) == 1)
    sums: dict[tuple[str, str], int] = {}
    for client_name, version, *_, spans, _, _, _ in fetch(COUNTED, key.stored.project_id):
        sums[client_name, version] = sums.get((client_name, version), 0) + spans
    sent = {
        name: len(prepared(name).spans)
        for name in ("otel-sdk-1.45.2-genai-current", "langfuse-python-5.0.4-trace")
    }
    assert sums == {
        ("opentelemetry-python", "1.45.2"): 2 * sent["otel-sdk-1.45.2-genai-current"],
        ("langfuse-python", "5.0.4"): sent["langfuse-python-5.0.4-trace"],
        ("house", "2"): 1,
    }
    dialects = {row[2] for row in fetch(COUNTED, key.stored.project_id)}
    assert {"native", "langfuse"} <= dialects


def prepared(name: str) -> Any:
    return prepare(
        bodies(name, "pb")[0],
        encoding="",
        content_type=PROTOBUF,
        dialect=Dialect.OTLP,
        project_id=1,
    )


def test_what_is_counted_when_a_process_ends_is_written(project: Project) -> None:
    one = Counts()
    one.taken(project.pk, {"user-agent": "curl/8.1"}, Dialect.METRICS)
    one.close()
    assert fetch(COUNTED, project.pk) == [("curl", "8.1", "metrics", 1, 0, 0, 0, 0)]


def test_many_different_senders_are_not_told_apart(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counts, "MOST_SENDERS", 5)
    one = Counts()
    for number in range(40):
        one.taken(project.pk, {"user-agent": f"bot-{number}/1"}, Dialect.METRICS)
    one.close()
    rows = fetch(COUNTED, project.pk)
    assert sum(row[3] for row in rows) == 40
    assert len(rows) <= 6 * 2  # the minute may have turned
    assert "others" in {row[0] for row in rows}


def test_two_processes_add_up_and_a_secret_in_a_name_is_none(project: Project) -> None:
    keep(project, spans=3, cut=1, lags=[0, 1])
    keep(project, spans=4, clamped=2, lags=[0, 0, 0, 5])
    [row] = IntakeCount.objects.all()
    assert (row.requests, row.spans, row.cut, row.clamped) == (2, 7, 1, 2)
    assert row.lags == [0, 1, 0, 5]
    take_away = add_rule(lambda text: text.replace("hunter2", "[secret]"))
    try:
        one = Counts()
        one.taken(project.pk, {"user-agent": "my-hunter2-app/1"}, Dialect.METRICS)
        one.close()
    finally:
        take_away()
    assert "my-[secret]-app" in {row[0] for row in fetch(COUNTED, project.pk)}


def test_the_last_hour_is_summed_by_sender(project: Project) -> None:
    keep(project, ago=1, spans=10, lags=[0] * 8 + [10])
    keep(project, ago=30, spans=20, rejected=2, lags=[0] * 8 + [20])
    keep(project, ago=30, spans=2, who=("langfuse-python", "5.0.4", "genai"))
    keep(project, ago=2, refused=3, requests=0, spans=0, who=("curl", "8", ""))
    keep(project, ago=70, spans=1000)
    hour = last_hour(project)
    assert (hour.whole.spans, hour.whole.requests, hour.whole.refused) == (32, 3, 3)
    langfuse, curl = hour.senders
    assert (langfuse.client, langfuse.spans, langfuse.rejected) == ("langfuse-python", 32, 2)
    assert langfuse.dialects == {"langfuse": 30, "genai": 2}
    assert sorted(langfuse.by_minute)[-2:] == [10, 22]
    assert 8_000 <= (langfuse.lag_p50_us or 0) <= (langfuse.lag_p95_us or 0) <= 10_000
    assert (curl.client, curl.refused, curl.lag_p50_us) == ("curl", 3, None)


def test_old_counts_go_and_those_of_a_deleted_project(project: Project) -> None:
    keep(project, ago=8 * 24 * 60)
    keep(project)
    assert forget_old_counts() == 1
    delete_project_data(project)
    assert not IntakeCount.objects.exists()


class TestPage:
    """A member sees it, others do not, and it costs the same however much arrived."""

    def test_it_has_moved_and_says_so(self, member_client: Client, stranger_client: Client) -> None:
        before = "/p/support/intake/"
        assert member_client.get(before)["Location"] == PAGE
        assert stranger_client.get(before).status_code == 404
        assert stranger_client.get(PAGE).status_code == 404

    def test_nothing_yet(self, member_client: Client) -> None:
        assert "Nothing arrived in the last hour" in member_client.get(PAGE).content.decode()

    def test_numbers(
        self,
        project: Project,
        member_client: Client,
        django_assert_max_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for number in range(40):
            keep(project, ago=number, who=(f"sdk-{number % 20}", "1.0", "genai"), spans=1234)
        with django_assert_max_num_queries(17):
            page = member_client.get(PAGE).content.decode()
        assert page.count('class="spark"') == 20
        assert "2,468" in page
        assert "49,360" in page

    def test_an_hour_that_cannot_be_read_leaves_the_notices(
        self, project: Project, member_client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(_: Project) -> None:
            raise OperationalError("canceling statement due to statement timeout")

        monkeypatch.setattr(intake, "last_hour", fail)
        page = member_client.get(PAGE).content.decode()
        assert "The last hour cannot be shown." in page
        assert "Nothing was refused" in page
