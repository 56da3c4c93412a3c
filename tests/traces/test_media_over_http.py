"""Uploads to the web process: no more of a body is read than its address takes."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.factories import Key
from tests.traces.langfuse import basic, exchanges
from tests.traces.media import PICTURE, announced
from tests.traces.serving import Web
from traces.models import Media

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def url(client: httpx.Client, key: Key) -> str:
    """Where to upload the picture."""
    told = client.post("/api/public/media", json=announced(PICTURE), headers=basic(key))
    address: str = told.json()["uploadUrl"]
    return address


def pieces(size: int) -> Iterator[bytes]:
    """A body of unknown length."""
    for _ in range(size // 65_536):
        yield b"x" * 65_536


def test_a_picture_goes_the_way_that_was_recorded(
    web: Web, client: httpx.Client, key: Key, url: str
) -> None:
    assert url.startswith(web.url)
    recorded = next(
        one for one in exchanges("langfuse-python-5.0.4-media") if one["method"] == "PUT"
    )
    headers = recorded["headers"] | {"x-amz-checksum-sha256": announced(PICTURE)["sha256Hash"]}
    with httpx.Client() as without_key:
        assert without_key.put(url, content=PICTURE, headers=headers).status_code == 200
        media_id = Media.objects.get().id
        found = client.get(f"/api/public/media/{media_id}", headers=basic(key)).json()
        assert without_key.get(found["url"]).content == PICTURE


def test_too_much_is_refused_and_dropped(web: Web, url: str) -> None:
    with httpx.Client() as without_key:
        assert without_key.put(url, content=PICTURE + b"?").status_code == 413
        assert without_key.put(url, content=pieces(8 * 2**20)).status_code == 413
        assert without_key.put(url[:-3], content=pieces(8 * 2**20)).status_code == 403
        assert without_key.put(url, content=PICTURE[:9]).status_code == 400
        assert without_key.put(url, content=iter([PICTURE[:9], PICTURE[9:]])).status_code == 200
    assert web.complaints() == []
