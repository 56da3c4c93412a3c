"""Files reach those who may see the project, and never act as a page of ours."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Project
from tests.factories import Key
from tests.traces.media import PICTURE, announce, announced, upload

pytestmark = pytest.mark.django_db
SCRIPT = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


@pytest.mark.parametrize(
    ("sent", "served", "how"),
    [
        ("image/png", "image/png", "inline"),
        ("image/webp", "image/webp", "inline"),
        ("audio/mpeg", "audio/mpeg", "inline"),
        ("video/mp4", "video/mp4", "inline"),
        ("application/pdf", "application/pdf", "attachment"),
        ("text/html", "application/octet-stream", "attachment"),
        ("text/html; charset=utf-8", "application/octet-stream", "attachment"),
        ("TEXT/HTML", "application/octet-stream", "attachment"),
        ("image/svg+xml", "application/octet-stream", "attachment"),
        ("application/xhtml+xml", "application/octet-stream", "attachment"),
        ("text/xml", "application/octet-stream", "attachment"),
        ("application/javascript", "application/octet-stream", "attachment"),
        ("video/webm", "application/octet-stream", "attachment"),
    ],
)
def test_only_harmless_types_are_shown(
    owner_client: Client, key: Key, sent: str, served: str, how: str
) -> None:
    media_id = upload(Client(), key, SCRIPT, sent)
    answer = owner_client.get(f"/p/support/media/{media_id}")
    assert (answer.status_code, answer.content) == (200, SCRIPT)
    assert answer["Content-Type"] == served
    assert answer["Content-Disposition"].startswith(f'{how}; filename="{media_id}.')
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_strangers_and_the_unknown_get_404(
    owner_client: Client, stranger_client: Client, key: Key
) -> None:
    media_id = upload(Client(), key, PICTURE)
    for where in (f"/p/support/media/{media_id}", f"/api/v1/media/{media_id}?project=support"):
        assert owner_client.get(where).status_code == 200
        assert stranger_client.get(where).status_code == 404
    assert owner_client.get("/p/support/media/never-sent").status_code == 404
    waiting = announce(Client(), key, **announced(b"to come")).json()["mediaId"]
    assert owner_client.get(f"/p/support/media/{waiting}").status_code == 404


def test_a_key_reads_what_is_known_and_the_bytes(key: Key, project: Project) -> None:
    media_id = upload(Client(), key, PICTURE)
    client = Client(headers=key.headers)
    known = client.get(f"/api/v1/media/{media_id}").json()
    assert (known["content_type"], known["size"]) == ("image/png", len(PICTURE))
    assert known["url"] == f"/p/support/media/{media_id}"
    assert known["uses"] == [{"trace_id": "t", "span_id": "s", "field": "input"}]
    answer = client.get(f"/api/v1/media/{media_id}/content")
    assert (answer.content, answer["Content-Type"]) == (PICTURE, "image/png")


def test_a_browser_that_has_it_is_sent_nothing(owner_client: Client, key: Key) -> None:
    where = f"/p/support/media/{upload(Client(), key, PICTURE)}"
    tag = owner_client.get(where)["ETag"]
    again = owner_client.get(where, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert "sandbox" in again["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("asked", "status", "got", "told"),
    [
        ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
        ("bytes=4-", 206, b"456789", "bytes 4-9/10"),
        ("bytes=8-99", 206, b"89", "bytes 8-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=-0", 416, b"", "bytes */10"),
        ("bytes=-", 200, b"0123456789", None),
        ("bytes=0-1,4-5", 200, b"0123456789", None),
        ("lines=1-2", 200, b"0123456789", None),
    ],
)
def test_players_may_seek(
    owner_client: Client, key: Key, asked: str, status: int, got: bytes, told: str | None
) -> None:
    where = f"/p/support/media/{upload(Client(), key, b'0123456789', 'audio/mpeg')}"
    answer = owner_client.get(where, headers={"Range": asked})
    assert (answer.status_code, answer.content) == (status, got)
    assert answer.get("Content-Range") == told
    assert answer["Content-Type"] == "audio/mpeg"
