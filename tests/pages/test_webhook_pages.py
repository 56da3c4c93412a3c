"""Webhooks as an admin sets one up, and notices as a person meets them, in a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, transaction
from playwright.sync_api import expect
from pytest_django import Settings

from accounts.models import Project, User
from notices.delivering import deliver_due
from notices.events import all_events
from notices.models import WebhookDelivery, WebhookEndpoint
from notices.services import endpoints, tell
from tests.pages.browsing import Look, assert_no_violations, connected, login
from tests.receiver import Receiver, receiver

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)
WEBHOOKS, EVENT = "/p/support/settings/webhooks/", "webhook.disabled"


@pytest.fixture
def server(settings: Settings) -> Iterator[Receiver]:
    settings.ALLOW_PRIVATE_WEBHOOKS = True
    with receiver() as running:
        yield running


@pytest.fixture
def endpoint(project: Project, server: Receiver) -> WebhookEndpoint:
    made = endpoints.create_endpoint(
        project, url=server.url, events=["*"], description="Chat of the team", actor=None
    )
    return made.endpoint


@transaction.atomic
def happen(project: Project, *persons: User) -> None:
    data = dict.fromkeys(next(e for e in all_events() if e.name == EVENT).data, 1)
    title = "The webhook chat.example.com of the team with the long name was switched off"
    tell(project, EVENT, data=data, title=title, link=WEBHOOKS, persons=persons)


def aside(work: Callable[[], Any]) -> Any:
    """The result of `work` in a thread of its own: the browser's event loop is in this one."""

    def run() -> Any:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result(60)


def test_the_pages_are_accessible(
    page: Page,
    project: Project,
    endpoint: WebhookEndpoint,
    server: Receiver,
    alice: User,
    address: str,
) -> None:
    server.answering.statuses = [200, 500]
    server.answering.body = b'{"error": "a rather long answer that does not fit into its column"}'
    for _ in range(3):
        happen(project, alice)
        aside(deliver_due)
    login(page, alice, address)
    delivery = WebhookDelivery.objects.filter(state="due").latest("pk")
    one = f"{WEBHOOKS}{endpoint.pk}/"
    for at, text in (
        (WEBHOOKS, "Failing"),
        (one, "Failing since"),
        (f"{one}deliveries/{delivery.pk}/", "It answered 500."),
        ("/me/notices/", "because you are an admin"),
        ("/me/notices/settings/", "This installation sends no mail"),
    ):
        page.goto(at)
        expect(page.get_by_text(text).first).to_be_visible()
        assert_no_violations(page, [Look("light", 1440), Look("dark", 390)])


def test_an_admin_sets_one_up_and_sees_the_test_arrive(
    page: Page, project: Project, alice: User, address: str, server: Receiver
) -> None:
    login(page, alice, address)
    page.goto(WEBHOOKS)
    page.get_by_label("Address").fill("https://10.0.0.7/hook")
    page.get_by_role("button", name="Create webhook").click()
    expect(page.get_by_text("Choose at least one event.").first).to_be_visible()
    assert_no_violations(page)
    page.get_by_label("Address").fill("https://hooks.example.com/hook")
    page.get_by_label("Every event").check()
    page.get_by_role("button", name="Create webhook").click()
    expect(page.locator("#made-secret")).to_contain_text("whsec_")
    assert_no_violations(page)
    # The web process allows no private address; the worker of this test does.
    WebhookEndpoint.objects.update(url=server.url)
    page.get_by_role("link", name="hooks.example.com").click()
    page.get_by_role("button", name="Send a test").click()
    log = page.get_by_role("region", name="Table of deliveries")
    expect(log.get_by_role("row", name="webhook.test")).to_contain_text("Waiting")
    connected(page)
    assert aside(deliver_due) == 1
    expect(log.get_by_role("row", name="webhook.test")).to_contain_text("Delivered")
    page.get_by_role("button", name="Rotate the secret").click()
    page.get_by_role("button", name="Rotate", exact=True).click()
    expect(page.get_by_text("For 24 hours more").first).to_be_visible()


def test_the_count_of_notices_keeps_up(
    page: Page, project: Project, alice: User, address: str
) -> None:
    login(page, alice, address)
    page.goto("/p/support/settings/general/")
    connected(page)
    count = page.locator("#side-unread")
    expect(count).to_be_empty()
    happen(project, alice)
    expect(count).to_contain_text("1")
    page.locator('[popovertarget="side-me"]').click()
    page.get_by_role("link", name="Notices", exact=True).click()
    page.get_by_role("link", name="The webhook chat.example.com").click()
    page.wait_for_url(f"**{WEBHOOKS}")
    expect(count).to_be_empty()
