"""Workers that die and endpoints that stay broken."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Project, User
from audit.models import AuditEntry
from notices.models import OffReason, PersonalNotice, WebhookDelivery, WebhookEndpoint
from notices.services import deliveries, endpoints
from notices.services.deliveries import Attempt
from tests.notices.telling import deliver_due, happen, one_delivery, pass_time
from tests.pages.conftest import _test_database
from tests.receiver import Receiver, receiver

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_loses_nothing(
    project: Project, endpoint: WebhookEndpoint, server: Receiver
) -> None:
    server.answering.seconds = 30
    happen(project)
    program = "import django; django.setup(); from notices.delivering import deliver_due as d; d()"
    environment = {
        **os.environ,
        "DATABASE_URL": _test_database(),
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "ROADWORTHY_ALLOW_PRIVATE_WEBHOOKS": "1",
    }
    worker = subprocess.Popen([sys.executable, "-c", program], env=environment)
    deadline = time.monotonic() + 30
    while not server.received and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait(10)
    server.answering.seconds = 0
    delivery = one_delivery()
    assert (len(server.received), delivery.state, delivery.attempts) == (1, "due", 0)
    assert delivery.is_being_sent
    assert deliver_due() == 0  # as far as anybody knows it is still on its way
    pass_time(seconds=60)
    assert deliver_due() == 1
    assert one_delivery().state == "delivered"
    first, second = server.received
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_hold_the_same_delivery(
    project: Project, endpoint: WebhookEndpoint
) -> None:
    happen(project)
    happen(project)
    first, second = WebhookDelivery.objects.order_by("pk").values_list("pk", flat=True)
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute(
                "select 1 from notices_webhookdelivery where id = %s for update", [first]
            )
            assert [claimed.pk for claimed in deliveries.claim(10, {})] == [second]
            other.rollback()
    finally:
        other.close()
    assert [claimed.pk for claimed in deliveries.claim(10, {})] == [first]
    assert deliveries.claim(10, {}) == []


def test_one_that_fails_in_an_unforeseen_way_holds_up_no_other(
    project: Project,
    endpoint: WebhookEndpoint,
    server: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "alter table notices_webhookattempt add constraint no_tea check (status <> 418)"
        )

    ask, faults = socket.getaddrinfo, {"odd.example": RuntimeError, "long.example": UnicodeError}

    def look_up(host: str, *rest: Any, **more: Any) -> Any:
        if fault := faults.get(host):
            raise fault(host)
        return ask(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    without_bounds = {"Retry-After": f"Mon, 30 Nov 2026 03:00:00 +{'9' * 17}"}
    with receiver() as teapot, receiver() as busy:
        teapot.answering.statuses = [418]
        busy.answering.statuses, busy.answering.headers = [503], without_bounds
        urls = ("https://odd.example/", "https://long.example/", teapot.url, busy.url)
        odd, long, tea, later = (
            endpoints.create_endpoint(project, url=url, events=["*"], actor=None).endpoint
            for url in urls
        )
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(last_at=timezone.now())  # the last
        happen(project)
        assert deliver_due() == 5
    assert len(server.received) == 1
    states = dict(WebhookDelivery.objects.values_list("endpoint", "state"))
    assert states.pop(endpoint.pk) == "delivered"
    assert set(states.values()) == {"due"}
    errors = dict(WebhookDelivery.objects.values_list("endpoint", "last_error"))
    assert "the log of this installation" in errors[odd.pk]
    assert errors[long.pk] == "The name long.example has no address."
    assert (errors[tea.pk], errors[later.pk]) == ("", "It answered 503.")
    ours = ("notices.delivering", "kit.outbound.turns")
    logged = [line.message for line in caplog.records if line.name in ours]
    assert sorted(logged) == [
        "an attempt could not be recorded",
        "an attempt failed for no known reason",
    ]


def test_who_comes_late_changes_nothing(project: Project, endpoint: WebhookEndpoint) -> None:
    happen(project)
    (slow,) = deliveries.claim(10, {})
    pass_time(seconds=60)
    (quick,) = deliveries.claim(10, {})
    now = timezone.now()
    deliveries.record_attempt(slow, Attempt(now, 61_000, error="No whole answer."))
    assert (one_delivery().attempts, one_delivery().is_being_sent) == (0, True)
    deliveries.record_attempt(quick, Attempt(now, 5, status=200))
    deliveries.record_attempt(slow, Attempt(now, 61_000, error="No whole answer."))
    assert (one_delivery().state, one_delivery().attempts) == ("delivered", 1)
    endpoints.delete_endpoint(endpoint, actor=None)
    deliveries.record_attempt(quick, Attempt(now, 5, error="Deleted meanwhile."))
    assert one_delivery().state == "delivered"


def fail(project: Project, *, status: int = 500) -> None:
    happen(project)
    for claimed in deliveries.claim(10, {}):
        attempt = Attempt(timezone.now(), 5, status=status, error=f"It answered {status}.")
        deliveries.record_attempt(claimed, attempt)


def test_long_failure_switches_it_off_and_tells_the_admins(
    project: Project, endpoint: WebhookEndpoint, alice: User, bob: User
) -> None:
    WebhookEndpoint.objects.update(failures=18, failing_since=timezone.now() - timedelta(days=4))
    fail(project)
    endpoint.refresh_from_db()
    assert (endpoint.is_enabled, endpoint.failures) == (True, 19)
    WebhookEndpoint.objects.update(failing_since=timezone.now() - timedelta(days=2))
    fail(project)
    endpoint.refresh_from_db()
    assert (endpoint.is_enabled, endpoint.failures) == (True, 20)
    WebhookEndpoint.objects.update(failing_since=timezone.now() - timedelta(days=3))
    fail(project)
    endpoint.refresh_from_db()
    assert (endpoint.is_enabled, endpoint.off_reason) == (False, OffReason.FAILING)
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"failed"}
    notice = PersonalNotice.objects.get()
    assert (notice.user, notice.event) == (alice, "webhook.disabled")
    assert notice.link == f"/p/support/settings/webhooks/{endpoint.pk}/"
    entry = AuditEntry.objects.get(action="webhook.disabled")
    assert (entry.actor_kind, entry.details["failures"]) == ("system", 21)
    endpoint = endpoints.change_endpoint(endpoint, is_enabled=True, actor=alice)
    assert (endpoint.health, endpoint.off_reason, endpoint.failures) == ("ok", "", 0)


def test_gone_means_gone(project: Project, endpoint: WebhookEndpoint, alice: User) -> None:
    fail(project, status=410)
    endpoint.refresh_from_db()
    assert (endpoint.is_enabled, endpoint.off_reason) == (False, OffReason.GONE)
    assert one_delivery().state == "failed"
