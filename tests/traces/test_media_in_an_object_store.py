"""Files in an S3-compatible store: the same addresses, other shelves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Project
from tests.factories import Key
from tests.traces.langfuse import basic
from tests.traces.media import PICTURE, announce, announced, put, upload
from tests.traces.object_store import WHO, Objects, objects
from traces import tasks
from traces.models import Media

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
def shelf(settings: Any) -> Iterator[Objects]:
    """A store that the settings name."""
    with objects() as server:
        settings.MEDIA_S3_ENDPOINT = server.url
        settings.MEDIA_S3_BUCKET = "files"
        settings.MEDIA_S3_KEY, settings.MEDIA_S3_SECRET = WHO.key, WHO.secret
        settings.MEDIA_S3_REGION = WHO.region
        yield server


def test_bytes_are_kept_there_and_handed_out_here(client: Client, key: Key, shelf: Objects) -> None:
    media_id = upload(client, key, PICTURE)
    assert shelf.held == {f"/files/{key.stored.project_id}/{media_id}": PICTURE}
    media = Media.objects.get()
    assert (media.is_elsewhere, media.body) == (True, None)
    found = client.get(f"/api/public/media/{media_id}", headers=basic(key)).json()
    assert client.get(found["url"]).content == PICTURE


def test_a_store_that_is_away_loses_nothing(client: Client, key: Key, shelf: Objects) -> None:
    url = announce(client, key, **announced(PICTURE)).json()["uploadUrl"]
    shelf.is_away = True
    assert put(client, url, PICTURE).status_code == 503
    shelf.is_away = False
    assert put(client, url, PICTURE).status_code == 200
    shelf.is_away = True
    media_id = Media.objects.get().id
    where = f"/api/v1/media/{media_id}/content"
    assert client.get(where, headers=key.headers).status_code == 503
    shelf.server_close()  # not there at all
    assert client.get(where, headers=key.headers).status_code == 503


def test_objects_go_with_their_project_as_soon_as_the_store_is_back(
    client: Client, key: Key, shelf: Objects, project: Project
) -> None:
    upload(client, key, PICTURE)
    project.deleted_at = timezone.now()
    project.save()
    shelf.is_away = True
    tasks.remove_data_of_deleted_projects()
    assert Media.objects.count() == len(shelf.held) == 1
    shelf.is_away = False
    tasks.remove_data_of_deleted_projects()
    assert Media.objects.count() == len(shelf.held) == 0


def test_files_of_before_and_after_a_change_of_settings_are_all_found(
    client: Client, key: Key, shelf: Objects, settings: Any
) -> None:
    there = upload(client, key, PICTURE)
    settings.MEDIA_S3_ENDPOINT = ""
    here = upload(client, key, b"another", "text/plain")
    at = "/api/v1/media/{}/content".format
    assert client.get(at(here), headers=key.headers).content == b"another"
    assert client.get(at(there), headers=key.headers).status_code == 503
    settings.MEDIA_S3_ENDPOINT = shelf.url
    assert client.get(at(there), headers=key.headers).content == PICTURE
    assert client.get(at(here), headers=key.headers).content == b"another"
