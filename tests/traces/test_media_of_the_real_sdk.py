"""langfuse 5 itself uploads files, and gets them back, against a running server."""

from __future__ import annotations

import httpx
import pytest
from django.test import Client

from accounts.models import User
from tests.clients import told_by
from tests.factories import Key
from tests.traces.serving import Web
from tests.traces.stored import fetch

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timing]


def test_langfuse_5_uploads_and_resolves_files(
    web: Web, client: httpx.Client, key: Key, alice: User
) -> None:
    told = told_by("langfuse-5", web.url, key, "langfuse_5_media")
    assert (told["resolved"], told["is_same"]) == ("data:application/pdf", True)
    assert fetch(
        "select content_type, field, upload_error from media join media_use "
        "on media_id = media.id order by 1"
    ) == [("application/pdf", "metadata", None), ("image/png", "input", None)]
    (span,) = client.get(f"/api/v1/traces/{told['trace_id']}/spans").json()["data"]
    assert "base64," not in str(span)
    browser = Client()
    browser.force_login(alice)
    page = browser.get(f"/p/support/traces/{told['trace_id']}/").content.decode()
    (media_id,) = [row[0] for row in fetch("select id from media where size = 72")]
    assert f'<img src="/p/support/media/{media_id}"' in page
    assert '<span class="vh"> the file in the metadata</span>' in page
    assert not web.complaints()
