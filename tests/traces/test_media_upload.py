"""Media of Langfuse's SDKs: announced, uploaded once to a signed address, known by content."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import signing
from django.test import Client

from accounts.models import Project, Scope
from tests.factories import Key, make_key, make_project
from tests.traces.langfuse import basic, exchanges
from tests.traces.media import PICTURE, announce, announced, put, upload
from traces.media import addresses
from traces.models import Media, MediaUse

pytestmark = pytest.mark.django_db
RECORDING = "langfuse-python-5.0.4-media"


@pytest.fixture
def client() -> Client:
    return Client()


def test_the_recorded_announcements_are_answered_as_recorded(client: Client, key: Key) -> None:
    for one in exchanges(RECORDING):
        if one["path"].startswith("/upload/"):
            continue
        if one["method"] == "PATCH":
            answer = client.patch(
                one["path"], one["request"], content_type="application/json", headers=basic(key)
            )
        else:
            answer = announce(client, key, **one["request"])
            assert answer.json()["mediaId"] == one["response"]["mediaId"]
            assert answer.json()["uploadUrl"].startswith("http://testserver/api/public/media/")
        assert answer.status_code == one["status"], answer.content
    assert MediaUse.objects.filter(span_id="f2f459b41c262c9b").count() == 2


def test_a_file_is_uploaded_once_and_known_from_then_on(client: Client, key: Key) -> None:
    told = announce(client, key, **announced(PICTURE)).json()
    checksum = announced(PICTURE)["sha256Hash"]
    assert (
        put(client, told["uploadUrl"], PICTURE, **{"x-amz-checksum-sha256": checksum}).json() == {}
    )
    again = announce(client, key, **announced(PICTURE, traceId="other"))
    assert (again.status_code, again.json()) == (
        201,
        {"mediaId": told["mediaId"], "uploadUrl": None},
    )
    reused = put(client, told["uploadUrl"], PICTURE)
    assert (reused.status_code, reused.json()["message"]) == (
        409,
        "This address was used already.",
    )
    assert MediaUse.objects.count() == 2
    assert bytes(Media.objects.get().body or b"") == PICTURE


def test_the_client_gets_it_back_from_an_address_for_an_hour(client: Client, key: Key) -> None:
    media_id = upload(client, key, PICTURE)
    found = client.get(f"/api/public/media/{media_id}", headers=basic(key)).json()
    assert (found["mediaId"], found["contentType"]) == (media_id, "image/png")
    assert found["contentLength"] == len(PICTURE)
    assert found["uploadedAt"] < found["urlExpiry"]
    answer = client.get(found["url"])
    assert (answer.content, answer["Content-Type"]) == (PICTURE, "image/png")


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (PICTURE[:-1] + b"?", {}, 400),
        (PICTURE[:-1], {}, 400),
        (PICTURE + b"?", {}, 413),
        (PICTURE, {"x-amz-checksum-sha256": "AAAA"}, 400),
    ],
)
def test_other_bytes_than_announced_are_refused(
    client: Client, key: Key, content: bytes, headers: dict[str, str], status: int
) -> None:
    url = announce(client, key, **announced(PICTURE)).json()["uploadUrl"]
    refused = put(client, url, content, **headers)
    assert refused.status_code == status
    assert refused.json()["message"]
    assert put(client, url, PICTURE).status_code == 200  # the right ones may still come


def test_forged_and_expired_addresses_are_refused(
    client: Client, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    url: str = announce(client, key, **announced(PICTURE)).json()["uploadUrl"]
    assert put(client, url[:-2] + "xx", PICTURE).status_code == 403
    promise = addresses.promise_of(url.rpartition("/")[2])
    forged = signing.dumps((promise.project_id, promise.media_id), salt="traces.media.download")
    assert put(client, url.rpartition("/")[0] + f"/{forged}", PICTURE).status_code == 403
    monkeypatch.setattr(addresses, "UPLOAD_SECONDS", -1)
    late = put(client, url, PICTURE)
    assert (late.status_code, late.json()["message"]) == (
        403,
        "The time of this address is over.",
    )
    assert Media.objects.get().uploaded_at is None


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"contentLength": 21 * 2**20}, 413),
        ({"contentLength": 0}, 400),
        ({"contentLength": "70"}, 400),
        ({"sha256Hash": "bm90IGEgaGFzaA=="}, 400),
        ({"sha256Hash": None}, 400),
        ({"contentType": "text/html\r\nX: 1"}, 400),
        ({"field": "elsewhere"}, 400),
        ({"traceId": 7}, 400),
        ({"traceId": "a\0b"}, 400),
    ],
)
def test_what_cannot_be_announced_is_told_in_langfuses_form(
    client: Client, key: Key, changes: dict[str, Any], status: int
) -> None:
    refused = announce(client, key, **announced(PICTURE, **changes))
    assert refused.status_code == status
    assert set(refused.json()) == {"message", "error"}
    assert not Media.objects.exists()


def test_a_failed_upload_is_noted_and_a_good_one_is_believed(client: Client, key: Key) -> None:
    media_id = announce(client, key, **announced(PICTURE)).json()["mediaId"]
    said = {"uploadHttpStatus": 503, "uploadHttpError": "busy", "uploadTimeMs": 4}
    where = f"/api/public/media/{media_id}"
    headers = basic(key)
    for _ in range(2):
        noted = client.patch(where, said, content_type="application/json", headers=headers)
        assert noted.status_code == 204
    assert Media.objects.get().upload_error == "503: busy"
    assert client.get(where, headers=headers).status_code == 404
    upload(client, key, PICTURE)
    client.patch(where, said, content_type="application/json", headers=headers)
    assert Media.objects.get().upload_error is None


def test_another_project_shares_nothing(client: Client, key: Key, project: Project) -> None:
    media_id = upload(client, key, PICTURE)
    theirs = make_key(make_project("elsewhere"), scopes=list(Scope))
    assert client.get(f"/api/public/media/{media_id}", headers=basic(theirs)).status_code == 404
    # They are not told that the bytes are known here: they upload their own.
    assert announce(client, theirs, **announced(PICTURE)).json()["uploadUrl"]
    reading = make_key(project, scopes=[Scope.READ])
    assert announce(client, reading, **announced(PICTURE)).status_code == 403
