"""Settings › Webhooks for admins: made, tested, looked into, replayed; the secret is shown once."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Project
from audit.models import AuditEntry
from notices.models import WebhookDelivery, WebhookEndpoint
from notices.services.endpoints import Made
from tests.notices.telling import MACHINE, MOVED, deliver_due, happen, one_delivery
from tests.receiver import Receiver

pytestmark = pytest.mark.django_db
LIST = "/p/support/settings/webhooks/"


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


def test_a_webhook_is_made_and_its_secret_shown_once(
    owner_client: Client, project: Project, server: Receiver
) -> None:
    assertContains(owner_client.get(LIST), "No webhook yet")
    said = {"url": server.url, "description": "Chat & <b>", "events": [MOVED, MACHINE]}
    response = owner_client.post(LIST, said)
    endpoint = WebhookEndpoint.objects.get()
    assertContains(response, "whsec_")
    assertContains(response, "Chat &amp; &lt;b&gt;")
    assert "whsec_" not in endpoint.secret
    assert (endpoint.events, endpoint.wants_all) == (sorted([MOVED, MACHINE]), False)
    for page in (LIST, f"{LIST}{endpoint.pk}/"):
        response = owner_client.get(page)
        assertNotContains(response, "whsec_")
        assert "no-store" in response["Cache-Control"]
    assertContains(owner_client.get(LIST), "2 events")
    assert actions() == ["webhook.created"]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"url": "https://10.0.0.1/", "every_event": "on"}, "private address"),
        ({"url": "ftp://hooks.example.com/", "every_event": "on"}, "whole address"),
        ({"url": "https://hooks.example.com/"}, "Choose at least one event"),
        ({"url": "https://hooks.example.com/", "events": "no.such"}, "not one of the available"),
        ({"every_event": "on"}, "This field is required"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    owner_client: Client, project: Project, said: dict[str, str], why: str
) -> None:
    response = owner_client.post(LIST, said)
    assertContains(response, why, status_code=422)
    assert not WebhookEndpoint.objects.exists()


def test_the_log_shows_what_became_of_each(
    owner_client: Client,
    client: Client,
    project: Project,
    endpoint: WebhookEndpoint,
    server: Receiver,
) -> None:
    page = f"{LIST}{endpoint.pk}/"
    server.answering.statuses = [500]
    server.answering.body = b"<script>no</script>"
    happen(project)
    deliver_due()
    response = owner_client.get(page)
    figures = client.get("/metrics").content.decode()
    assert "roadworthy_webhooks_failing 1.0" in figures
    assert "roadworthy_webhooks_due 0.0" in figures
    for text in (MOVED, "Failing since", "It answered 500.", "500", "Retrying"):
        assertContains(response, text)
    assertNotContains(response, "<script>no")
    piece = owner_client.get(page, headers={"HX-Request": "true"})
    assertNotContains(piece, "<h1")
    assertContains(piece, 'id="log"')
    assertContains(owner_client.get(f"{page}?state=delivered"), "None of these")
    delivery = f"{page}deliveries/{one_delivery().pk}/"
    response = owner_client.get(delivery)
    for text in (
        one_delivery().message.uid,
        "&lt;script&gt;no",
        "&quot;production&quot;",
        "Send now",
    ):
        assertContains(response, text)
    server.answering.statuses = [200]
    assert owner_client.post(f"{delivery}replay/")["Location"] == delivery
    deliver_due()
    assertContains(owner_client.get(delivery), "Delivered")
    assertContains(owner_client.get(LIST), "OK")
    WebhookDelivery.objects.update(state="failed")
    owner_client.post(f"{page}replay/", {"hours": "1"})
    assert one_delivery().state == "due"
    owner_client.post(f"{page}replay/", {"hours": "9999"})
    assertContains(owner_client.get(page), "nothing was sent")
    assert actions()[-2:] == ["webhook.replayed", "webhook.failed_replayed"]


def test_it_is_changed_switched_rotated_tested_and_deleted(
    owner_client: Client, project: Project, made: Made, server: Receiver
) -> None:
    page = f"{LIST}{made.endpoint.pk}/"
    assert owner_client.post(f"{page}test/")["Location"] == page
    deliver_due()
    assertContains(owner_client.get(page), "webhook.test")
    response = owner_client.post(f"{page}rotate/")
    assertContains(response, "whsec_")
    assertNotContains(response, made.secret)
    assertContains(owner_client.get(page), "former secret too until")
    said = {"url": server.url, "description": "Other", "events": MOVED}
    assert owner_client.post(page, said).status_code == 303
    assert owner_client.post(page, {"url": "x"}).status_code == 422
    happen(project)
    owner_client.post(f"{page}switch/", {"on": "0"})
    assert WebhookDelivery.objects.get(is_test=False).state == "failed"
    assertContains(owner_client.get(page), "Switched off")
    refused = owner_client.post(f"{page}deliveries/{WebhookDelivery.objects.first().pk}/replay/")  # type: ignore[union-attr]
    assertContains(refused, "switch it on first", status_code=409)
    owner_client.post(f"{page}switch/", {"on": "1"})
    made.endpoint.refresh_from_db()
    assert (str(made.endpoint), made.endpoint.events) == ("Other", [MOVED])
    assert owner_client.post(f"{page}delete/")["Location"] == LIST
    assert owner_client.get(page).status_code == 404
    assertContains(owner_client.get(LIST), "No webhook yet")
    assert actions() == [
        "webhook.created",
        "webhook.tested",
        "webhook.rotated",
        *["webhook.changed"] * 3,
        "webhook.deleted",
    ]


def test_they_are_for_admins_alone(
    member_client: Client, stranger_client: Client, endpoint: WebhookEndpoint
) -> None:
    for page in (LIST, f"{LIST}{endpoint.pk}/"):
        assertContains(member_client.get(page), "role admin", status_code=403)
        assert stranger_client.get(page).status_code == 404
    assert member_client.post(f"{LIST}{endpoint.pk}/delete/").status_code == 403
    assertNotContains(member_client.get("/p/support/settings/general/"), LIST)


def test_a_page_asks_as_much_for_many_rows_as_for_few(
    owner_client: Client,
    project: Project,
    endpoint: WebhookEndpoint,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for version in range(60):
        happen(project, version=version)
    page = f"{LIST}{endpoint.pk}/"
    with django_assert_max_num_queries(16):
        response = owner_client.get(page)
    assert response.content.count(b"/deliveries/") == 50
    assertContains(response, "Older deliveries")
    oldest = WebhookDelivery.objects.order_by("-pk")[49].pk
    assert owner_client.get(f"{page}?before={oldest}").content.count(b"/deliveries/") == 10
