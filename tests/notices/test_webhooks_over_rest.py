"""Webhooks over REST: managed by keys with the scope admin, and by admins in a session."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import Project, Scope
from audit.models import AuditEntry
from notices.events import all_events
from notices.models import WebhookDelivery
from notices.services import endpoints
from tests.factories import Key, make_key
from tests.notices.telling import MOVED, deliver_due, happen
from tests.receiver import Receiver

pytestmark = pytest.mark.django_db
AT = "/api/v1/webhooks"


@pytest.fixture
def admin_key(project: Project) -> Key:
    return make_key(project, scopes=[Scope.ADMIN])


def call(key: Key, method: str, path: str = "", body: Any = None) -> tuple[int, Any]:
    """Status and answer; the answer is None where it is empty."""
    sent = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
    response = getattr(Client(), method)(f"{AT}{path}", headers=key.headers, **sent)
    return response.status_code, json.loads(response.content) if response.content else None


def test_the_whole_life_of_a_webhook(project: Project, admin_key: Key, server: Receiver) -> None:
    status, made = call(admin_key, "post", "", {"url": server.url, "events": [MOVED]})
    assert (status, made["health"], made["secret"][:6]) == (201, "unused", "whsec_")
    one = f"/{made['id']}"
    status, page = call(admin_key, "get")
    assert (page["data"][0]["url"], page["next_cursor"]) == (server.url, None)
    assert "secret" not in page["data"][0]
    assert call(admin_key, "get", one) == (200, page["data"][0])
    status, test = call(admin_key, "post", f"{one}/test")
    assert (status, test["type"], test["state"]) == (202, "webhook.test", "due")
    server.answering.statuses, server.answering.body = [200, 500, 200], b"so it goes"
    deliver_due()  # alone: two on their way at once may be answered in either order
    for version in range(2):
        happen(project, version=version)
        deliver_due()
    status, log = call(admin_key, "get", f"{one}/deliveries?limit=2")
    assert [row["state"] for row in log["data"]] == ["delivered", "due"]
    assert log["data"][1]["next_try_at"] is not None
    assert {row["response_start"] for row in log["data"]} == {"so it goes"}
    rest = call(admin_key, "get", f"{one}/deliveries?limit=2&cursor={log['next_cursor']}")[1]
    assert [row["is_test"] for row in rest["data"]] == [True]
    due = log["data"][1]
    status, whole = call(admin_key, "get", f"{one}/deliveries/{due['id']}")
    assert whole["payload"]["data"] == {"label": "production", "version": 0}
    assert [attempt["status"] for attempt in whole["log"]] == [500]
    assert call(admin_key, "post", f"{one}/deliveries/{due['id']}/replay")[0] == 202
    deliver_due()
    WebhookDelivery.objects.filter(is_test=False).update(state="failed", due_at=None)
    since = "2026-01-01T00:00:00Z"
    assert call(admin_key, "get", f"{one}/deliveries?state=failed&since={since}")[1]["data"]
    assert call(admin_key, "post", f"{one}/replay", {"since": since}) == (202, {"replayed": 2})
    assert call(admin_key, "post", f"{one}/rotate")[1]["secret"] != made["secret"]
    status, changed = call(admin_key, "patch", one, {"is_enabled": False, "description": "Off"})
    assert (changed["health"], changed["off_reason"], changed["events"]) == ("off", "hand", [MOVED])
    assert call(admin_key, "post", f"{one}/replay", {"since": since})[0] == 409
    assert call(admin_key, "delete", one) == (204, None)
    assert call(admin_key, "get", one)[0] == 404
    acted = AuditEntry.objects.filter(actor_kind="key").values_list("action", flat=True)
    assert set(acted) == {
        *("webhook.created", "webhook.tested", "webhook.replayed", "webhook.failed_replayed"),
        *("webhook.rotated", "webhook.changed", "webhook.deleted"),
    }


@pytest.mark.parametrize(
    ("sent", "where"),
    [
        ({"url": "https://127.0.0.1/", "events": ["*"]}, "url"),
        ({"url": "nowhere", "events": ["*"]}, "url"),
        ({"url": "https://hooks.example.com/", "events": ["no.such"]}, "events"),
        ({"url": "https://hooks.example.com/", "events": []}, "events"),
        ({"events": ["*"]}, "url"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(admin_key: Key, sent: Any, where: str) -> None:
    status, problem = call(admin_key, "post", "", sent)
    assert (status, problem["errors"][0]["where"].split("[")[0]) == (400, where)


def test_a_project_has_so_many_webhooks_and_no_more(
    admin_key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoints, "MOST_ENDPOINTS", 1)
    sent = {"url": "https://hooks.example.com/", "events": ["*"]}
    assert call(admin_key, "post", "", sent)[0] == 201
    status, problem = call(admin_key, "post", "", sent)
    assert (status, problem["detail"]) == (409, "A project may have 1 webhooks; delete one first.")


def test_events_are_listed_as_declared(admin_key: Key) -> None:
    page = call(admin_key, "get", "/events")[1]
    assert [row["name"] for row in page["data"]] == [event.name for event in all_events()]
    moved = next(row for row in page["data"] if row["name"] == MOVED)
    assert moved["default"] == "product"
    assert set(moved["data"]) == {"label", "version"}


def test_other_keys_and_people_get_nothing(
    project: Project,
    key: Key,
    owner_client: Client,
    member_client: Client,
    stranger_client: Client,
    client: Client,
) -> None:
    assert call(key, "get")[0] == 403
    assert owner_client.get(f"{AT}?project=support").status_code == 200
    assert owner_client.get(AT).status_code == 400
    assert member_client.get(f"{AT}?project=support").status_code == 403
    assert stranger_client.get(f"{AT}?project=support").status_code == 404
    assert client.get(AT).status_code == 401


def test_the_document_describes_them(client: Client) -> None:
    paths = client.get("/api/v1/schema?format=json").json()["paths"]
    named = {path.removeprefix(AT) for path in paths if path.startswith(AT)}
    one = "/{id}"
    assert named == {
        *("", "/events", one, f"{one}/rotate", f"{one}/test", f"{one}/replay"),
        *(f"{one}/deliveries", f"{one}/deliveries/{{delivery_id}}"),
        f"{one}/deliveries/{{delivery_id}}/replay",
    }
