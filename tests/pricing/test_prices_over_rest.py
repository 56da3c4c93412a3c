"""Prices over REST: reading with the scope read, writing with admin, a stranger sees nothing."""

from __future__ import annotations

from django.test import Client

from kit.paging import encode_cursor
from pricing.models import Price, PriceJob
from tests.factories import make_key, make_project

BODY = {
    "model": "Our-Model",
    "prices": {"in_uncached": "0.25", "out_text": "1.5", "in_pages": "2"},
    "tiers": [{"above": 128000, "prices": {"in_uncached": "0.5"}}],
    "batch_factor": "0.5",
    "valid_from": "2026-06-01T00:00:00Z",
    "note": "by contract",
}


def send(key, method: str, path: str = "", body=None):
    ask = getattr(Client(headers=key.headers), method)
    address = f"/api/v1/prices{path}"
    if body is None:
        return ask(address)
    return ask(address, body, content_type="application/json")


def admin(project):
    return make_key(project, scopes=["read", "admin"])


def test_a_price_is_stated_read_and_listed(project):
    key = admin(project)
    made = send(key, "post", body=BODY)
    assert made.status_code == 201, made.content
    document = made.json()
    assert document["model"] == "our-model"
    assert document["prices"] == {"in_uncached": "0.25", "out_text": "1.5", "in_pages": "2"}
    assert document["tiers"] == [{"above": 128000, "prices": {"in_uncached": "0.5"}}]
    assert send(key, "get", f"/{document['id']}").json() == document
    send(key, "post", body={**BODY, "valid_from": "2026-07-01T00:00:00Z"})
    page = send(key, "get", "?limit=1").json()
    assert len(page["data"]) == 1
    rest = send(key, "get", f"?limit=1&cursor={page['next_cursor']}").json()
    assert [price["id"] for price in rest["data"]] == [document["id"]]
    assert rest["next_cursor"] is None


def test_one_price_opens_its_project_once(project, django_assert_max_num_queries):
    key = admin(project)
    path = f"/{send(key, 'post', body=BODY).json()['id']}"
    send(key, "get", path)  # remembers the key
    with django_assert_max_num_queries(2):  # the project and the price
        assert send(key, "get", path).status_code == 200


def test_a_cursor_of_another_list_is_refused(project):
    key = admin(project)
    for cursor in ("?", encode_cursor("a", 1), encode_cursor(1.5), "WzFlNDAwXQ", "W3RydWVd"):
        refused = send(key, "get", f"?cursor={cursor}")
        assert refused.status_code == 400, cursor
        assert [error["where"] for error in refused.json()["errors"]] == ["cursor"]


def test_it_resolves_what_holds_and_why(project):
    key = admin(project)
    made = send(key, "post", body=BODY).json()
    found = send(key, "get", "/resolve?model=our-model&at=2026-06-02T00:00:00Z").json()
    assert (found["source"], found["price_id"]) == ("project", made["id"])
    assert "our-model for any provider" in found["reason"]
    early = send(key, "get", "/resolve?model=our-model&at=2026-05-02T00:00:00Z").json()
    assert early["source"] is None
    assert "has no model our-model" in early["reason"]
    table = send(key, "get", "/resolve?model=gpt-4o-mini&provider=openai").json()
    assert table["prices"] == {"in_uncached": "0.15", "in_cached": "0.075", "out_text": "0.6"}


def test_it_is_ended_and_removed(project):
    key = admin(project)
    made = send(key, "post", body=BODY).json()
    path = f"/{made['id']}"
    assert send(key, "patch", path, {"prices": {}}).status_code == 400
    changed = send(key, "patch", path, {"valid_to": "2026-07-01T00:00:00Z", "note": "over"}).json()
    assert (changed["valid_to"], changed["note"]) == ("2026-07-01T00:00:00Z", "over")
    again = send(key, "patch", path, {"valid_to": "2026-08-01T00:00:00Z", "note": "half"})
    assert again.status_code == 409
    assert send(key, "get", path).json()["note"] == "over"
    assert send(key, "delete", path).status_code == 204
    assert not Price.objects.exists()


def test_a_preview_writes_nothing_and_jobs_can_be_stopped(project):
    key = admin(project)
    told = send(key, "post", "/preview", BODY)
    assert told.json()["spans"] == 0
    assert not Price.objects.exists()
    send(key, "post", body=BODY)
    job = PriceJob.objects.get()
    assert send(key, "get", "/jobs").json()["data"][0]["state"] == "due"
    assert send(key, "delete", f"/jobs/{job.pk}").json()["state"] == "cancelled"
    assert send(key, "delete", f"/jobs/{job.pk}").status_code == 409
    assert send(key, "get", f"/jobs/{job.pk}").json()["state"] == "cancelled"


def test_what_is_wrong_is_named(project):
    key = admin(project)
    for wrong, where in (
        ({"prices": {"in_uncached": "-1"}}, "prices.in_uncached"),
        ({"prices": {"total": "1"}}, "prices.total"),
        ({"model": "a*b"}, "model"),
        ({"price": 1}, "price"),
        ({"currency": "EUR", "usd_per_unit": "0"}, "usd_per_unit"),
    ):
        refused = send(key, "post", body={**BODY, **wrong})
        assert refused.status_code == 400
        assert refused.json()["errors"][0]["where"] == where, refused.json()


def test_reading_is_not_writing_and_others_find_nothing(project, key):
    made = send(admin(project), "post", body=BODY).json()
    assert send(key, "get", f"/{made['id']}").status_code == 200
    assert send(key, "post", body=BODY).status_code == 403
    assert send(key, "delete", f"/{made['id']}").status_code == 403
    stranger = admin(make_project("elsewhere"))
    for method in ("get", "delete"):
        assert send(stranger, method, f"/{made['id']}").status_code == 404
    assert send(stranger, "get", "/jobs/1").status_code == 404
    assert send(stranger, "get").json()["data"] == []


def test_a_person_writes_as_admin_only(project, member_client, owner_client):
    address = "/api/v1/prices?project=support"
    assert member_client.get(address).status_code == 200
    refused = member_client.post(address, BODY, content_type="application/json")
    assert refused.status_code == 403
    assert owner_client.post(address, BODY, content_type="application/json").status_code == 201


def test_unpriced_models_are_listed(project, key):
    assert send(key, "get", "/unpriced").json()["data"] == []
