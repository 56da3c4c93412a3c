"""Deliveries: signed, tried again, never redirected; a slow endpoint holds up no other."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import Project
from notices.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from notices.services import deliveries, endpoints
from notices.services.endpoints import Made
from tests.notices.telling import MACHINE, deliver_due, happen, one_delivery, pass_time
from tests.receiver import Received, Receiver, receiver

pytestmark = pytest.mark.django_db


def signatures_by(secret: str, request: Received) -> str:
    """By hand, from the words of the specification."""
    key = base64.b64decode(secret[len("whsec_") :])
    name, at = request.headers["webhook-id"], request.headers["webhook-timestamp"]
    signed = f"{name}.{at}.{request.body.decode()}".encode()
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def test_a_message_arrives_signed_and_as_it_was_written(
    project: Project, made: Made, server: Receiver
) -> None:
    happen(project)
    happen(project, MACHINE, version=16)
    assert deliver_due() == 2
    assert WebhookDelivery.objects.filter(state="delivered", due_at=None, attempts=1).count() == 2
    texts = set(WebhookDelivery.objects.values_list("message__body", flat=True))
    assert {request.body.decode() for request in server.received} == texts
    for request in server.received:
        assert request.headers["webhook-signature"] == signatures_by(made.secret, request)
        assert request.headers["webhook-id"] == json.loads(request.body)["id"]
        assert abs(int(request.headers["webhook-timestamp"]) - time.time()) < 30
        assert request.headers["content-type"] == "application/json"
    made.endpoint.refresh_from_db()
    assert made.endpoint.health == "ok"
    assert deliver_due() == 0


def test_it_is_tried_again_with_the_same_id_and_a_new_time(
    project: Project, endpoint: WebhookEndpoint, server: Receiver
) -> None:
    server.answering.statuses = [500, 503, 200]
    server.answering.body = b"no\x00t yet"
    happen(project)
    deliver_due()
    delivery = one_delivery()
    assert (delivery.state, delivery.attempts, delivery.last_status) == ("due", 1, 500)
    assert (delivery.last_error, delivery.endpoint.health) == ("It answered 500.", "failing")
    assert deliver_due() == 0  # not due yet
    pass_time(seconds=15)
    deliver_due()
    pass_time(minutes=2)
    deliver_due()
    assert one_delivery().state == "delivered"
    assert {request.headers["webhook-id"] for request in server.received} == {delivery.message.uid}
    assert len({request.body for request in server.received}) == 1
    log = WebhookAttempt.objects.order_by("pk")
    assert [row.status for row in log] == [500, 503, 200]
    assert {row.response_start for row in log} == {"not yet"}
    endpoint.refresh_from_db()
    assert (endpoint.health, endpoint.failures) == ("ok", 0)


def test_after_the_last_try_it_has_failed_and_is_kept(
    project: Project, endpoint: WebhookEndpoint, server: Receiver
) -> None:
    server.answering.statuses = [307]
    server.answering.headers = {"Location": server.url}
    happen(project)
    for _ in range(12):
        deliver_due()
        pass_time(hours=10)
    delivery = one_delivery()
    assert (delivery.state, delivery.attempts, delivery.due_at) == ("failed", 10, None)
    assert "Redirects are not followed" in delivery.last_error
    assert len(server.received) == 10


def test_both_secrets_sign_for_a_day_after_a_rotation(
    project: Project, made: Made, server: Receiver
) -> None:
    newer = endpoints.rotate_secret(made.endpoint, actor=None)
    happen(project)
    deliver_due()
    (request,) = server.received
    expected = [signatures_by(newer.secret, request), signatures_by(made.secret, request)]
    assert request.headers["webhook-signature"].split() == expected
    WebhookEndpoint.objects.update(former_until=request.headers and newer.endpoint.created_at)
    happen(project)
    deliver_due()
    request = server.received[1]
    assert request.headers["webhook-signature"] == signatures_by(newer.secret, request)


def test_nothing_goes_to_addresses_that_are_not_allowed(
    project: Project, endpoint: WebhookEndpoint, server: Receiver, settings: Settings
) -> None:
    settings.ALLOW_PRIVATE_WEBHOOKS = False
    happen(project)
    deliver_due()
    assert server.received == []
    assert "private address" in one_delivery().last_error
    settings.SECRET_KEY = "another one than the secret was sealed under"
    pass_time(seconds=15)
    deliver_due()
    assert "SECRET_KEY" in one_delivery().last_error


def test_a_slow_endpoint_holds_up_no_other(
    project: Project, endpoint: WebhookEndpoint, server: Receiver
) -> None:
    server.answering.seconds = 1.0
    with receiver() as quick:
        endpoints.create_endpoint(project, url=quick.url, events=["*"], actor=None)
        for version in range(8):
            happen(project, version=version)
        began = time.monotonic()
        assert deliver_due() == 16
        assert time.monotonic() - began < 4  # 8 slow ones, 4 at a time
        assert (server.at_once, len(server.received)) == (deliveries.MOST_AT_ONCE, 8)
        arrived = WebhookAttempt.objects.order_by("pk").values_list("delivery__endpoint", flat=True)
        assert set(list(arrived)[:8]) == set(arrived) - {endpoint.pk}
    # Once it fails it gets one at a time, so that many that fail cannot fill the room of all.
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(failing_since=endpoint.created_at)
    for version in range(3):
        happen(project, version=version)
    assert [one.endpoint.pk for one in deliveries.claim(64, {})].count(endpoint.pk) == 1
    assert deliveries.claim(64, {endpoint.pk: 1}) == []


def test_claiming_asks_as_much_for_many_endpoints_as_for_one(
    project: Project,
    endpoint: WebhookEndpoint,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    endpoint.refresh_from_db()
    others = [
        endpoints.create_endpoint(project, url=f"{endpoint.url}/{n}", events=["*"], actor=None)
        for n in range(9)
    ]
    for version in range(6):
        happen(project, version=version)
    with django_assert_num_queries(5):  # endpoints, deliveries, one update; the savepoint's two
        claimed = deliveries.claim(21, {endpoint.pk: 1})
    assert len({one.claim for one in claimed}) == 21
    # In turn, four of each, one fewer of whom one is open already; the oldest of each first.
    pks = [endpoint.pk, *(made.endpoint.pk for made in others)]
    expected = [pks[0]] * 3 + [pk for pk in pks[1:5] for _ in range(4)] + [pks[5]] * 2
    assert [one.endpoint.pk for one in claimed] == expected
    versions = [json.loads(one.body)["data"]["version"] for one in claimed]
    assert versions == [0, 1, 2, *[0, 1, 2, 3] * 4, 0, 1]
