"""Tests and replays of webhooks: the same message again, with its old id; waits between tries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import Project, User
from audit.models import AuditEntry
from notices.models import WebhookDelivery, WebhookEndpoint
from notices.retries import WAITS, next_wait
from notices.services import deliveries, endpoints, replays
from notices.services.replays import NothingToReplay
from tests.notices.telling import MOVED, deliver_due, happen, one_delivery
from tests.receiver import Receiver

pytestmark = pytest.mark.django_db


def test_a_test_is_sent_once_even_to_one_that_is_off(
    project: Project, endpoint: WebhookEndpoint, server: Receiver, alice: User
) -> None:
    endpoints.change_endpoint(endpoint, is_enabled=False, actor=alice)
    server.answering.statuses = [500]
    replays.send_test(endpoint, actor=alice)
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
    assert replays.replay_failed(endpoint, since=yesterday, actor=alice) == 2
    assert deliver_due() == 2
    replays.replay(old, actor=alice)
    replays.replay(old, actor=alice)  # it waits already: at once is at once
    assert deliver_due() == 1
    uids = set(WebhookDelivery.objects.values_list("message__uid", flat=True))
    assert {request.headers["webhook-id"] for request in server.received} == uids
    assert set(WebhookDelivery.objects.values_list("state", "attempts")) == {("delivered", 11)}
    replays.replay(old, actor=alice)
    deliveries.claim(1, {})
    with pytest.raises(NothingToReplay, match="being sent"):
        replays.replay(old, actor=alice)
    endpoints.change_endpoint(endpoint, is_enabled=False, actor=alice)
    for act in (
        lambda: replays.replay(old, actor=alice),
        lambda: replays.replay_failed(endpoint, since=yesterday, actor=alice),
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
    without_bounds = f"Mon, 30 Nov 2026 03:00:00 +{'9' * 17}"
    for unread in ("", "soon", "-5", "Mon, 99 Nov", without_bounds):
        assert (next_wait(1, retry_after=unread) or timedelta.max) <= timedelta(seconds=12)
    later = datetime.now(UTC) + timedelta(minutes=10)
    wait = next_wait(1, retry_after=f"{later:%a, %d %b %Y %H:%M:%S} GMT")
    assert wait is not None
    assert timedelta(minutes=9, seconds=50) < wait <= timedelta(minutes=10)
