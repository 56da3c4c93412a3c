"""Workers that die, endpoints that stay broken, and replaying what they missed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Project, User
from audit.models import AuditEntry
from notices.models import OffReason, PersonalNotice, WebhookDelivery, WebhookEndpoint
from notices.retries import WAITS, next_wait
from notices.services import deliveries, endpoints
from notices.services.deliveries import Attempt, NothingToReplay
from tests.notices.telling import MOVED, deliver_due, happen, one_delivery, pass_time
from tests.pages.conftest import _test_database
from tests.receiver import Receiver

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


def test_a_test_is_sent_once_even_to_one_that_is_off(
    project: Project, endpoint: WebhookEndpoint, server: Receiver, alice: User
) -> None:
    endpoints.change_endpoint(endpoint, is_enabled=False, actor=alice)
    server.answering.statuses = [500]
    deliveries.send_test(endpoint, actor=alice)
    assert deliver_due() == 1
    assert (one_delivery().state, one_delivery().is_test) == ("failed", True)
    endpoint.refresh_from_db()
    assert (endpoint.failing_since, endpoint.last_status) == (None, 500)
    assert b'"type":"webhook.test"' in server.received[0].body


def test_what_failed_is_replayed_with_its_old_id(
    project: Project, endpoint: WebhookEndpoint, server: Receiver, alice: User
) -> None:
    for version in range(3):
        happen(project, version=version)
    old, *_ = WebhookDelivery.objects.order_by("pk")
    WebhookDelivery.objects.update(state="failed", due_at=None, tries=10, attempts=10)
    yesterday = timezone.now() - timedelta(days=1)
    WebhookDelivery.objects.filter(pk=old.pk).update(created_at=yesterday - timedelta(hours=1))
    assert deliveries.replay_failed(endpoint, since=yesterday, actor=alice) == 2
    assert deliver_due() == 2
    deliveries.replay(old, actor=alice)
    deliveries.replay(old, actor=alice)  # it waits already: at once is at once
    assert deliver_due() == 1
    uids = set(WebhookDelivery.objects.values_list("message__uid", flat=True))
    assert {request.headers["webhook-id"] for request in server.received} == uids
    assert set(WebhookDelivery.objects.values_list("state", "attempts")) == {("delivered", 11)}
    deliveries.replay(old, actor=alice)
    deliveries.claim(1, {})
    with pytest.raises(NothingToReplay, match="being sent"):
        deliveries.replay(old, actor=alice)
    endpoints.change_endpoint(endpoint, is_enabled=False, actor=alice)
    for act in (
        lambda: deliveries.replay(old, actor=alice),
        lambda: deliveries.replay_failed(endpoint, since=yesterday, actor=alice),
    ):
        with pytest.raises(NothingToReplay, match="switch it on"):
            act()
    acts = AuditEntry.objects.filter(actor_id=str(alice.pk)).values_list("action", flat=True)
    assert [*acts].count("webhook.replayed") == 3
    assert [*acts].count("webhook.failed_replayed") == 1
    happen(project, MOVED)
    assert WebhookDelivery.objects.count() == 3


def test_waits_grow_for_about_a_day_and_heed_the_server() -> None:
    assert timedelta(hours=23) < sum(WAITS, timedelta()) < timedelta(hours=24)
    assert list(WAITS) == sorted(WAITS)
    for tries, wait in enumerate(WAITS, 1):
        assert all(wait * 0.8 <= (next_wait(tries) or wait * 9) <= wait * 1.2 for _ in range(50))
    assert next_wait(len(WAITS) + 1) is None
    assert next_wait(1, retry_after="120") == timedelta(seconds=120)
    assert next_wait(1, retry_after="999999999999") == WAITS[-1]
    for unread in ("", "soon", "-5", "Mon, 99 Nov"):
        assert (next_wait(1, retry_after=unread) or timedelta.max) <= timedelta(seconds=12)
    later = datetime.now(UTC) + timedelta(minutes=10)
    wait = next_wait(1, retry_after=f"{later:%a, %d %b %Y %H:%M:%S} GMT")
    assert wait is not None
    assert timedelta(minutes=9, seconds=50) < wait <= timedelta(minutes=10)
