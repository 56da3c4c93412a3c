"""Files in a message as a person with a browser sees them."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import expect

from accounts.models import Project, User
from tests.factories import make_key
from tests.pages.browsing import EVERY_LOOK, assert_no_violations, login
from tests.traces.langfuse import basic
from tests.traces.media import PICTURE, announced

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)
LOOKS = [look for look in EVERY_LOOK if look.width in {1440, 390}]
SOUND_ID = "3SlELeymn1LFAAa4Mcshbt"
INLINE = f"data:image/png;base64,{base64.b64encode(PICTURE).decode()}"


def _reference(media_id: str, kind: str) -> str:
    return f"@@@langfuseMedia:type={kind}|id={media_id}|source=bytes@@@"


@pytest.fixture
def seen(page: Page, address: str, alice: User, project: Project) -> Page:
    """A call whose message holds an uploaded picture, a sound, an inline picture, a lost file."""
    key = make_key(project)
    ids = []
    with httpx.Client(base_url=address, headers=basic(key), timeout=30) as client:
        for content, kind in ((PICTURE, "image/png"), (b"sound", "audio/mpeg")):
            told = client.post("/api/public/media", json=announced(content, kind)).json()
            assert httpx.put(told["uploadUrl"], content=content).status_code == 200
            ids.append(_reference(told["mediaId"], kind))
        parts = [
            {"type": "text", "text": f"What is it? {ids[0]} And this? {ids[1]}"},
            {"type": "image_url", "image_url": {"url": INLINE}},
            {"type": "text", "text": _reference("A" * 22, "image/png")},
        ]
        trace = {
            "id": "t",
            "spans": [
                {
                    "span_id": "s",
                    "name": "see",
                    "kind": "generation",
                    "model": "gpt-4o",
                    "start_time": "2026-11-20T12:00:00Z",
                    "end_time": "2026-11-20T12:00:01Z",
                    "input": [{"role": "user", "content": parts}],
                    "output": [{"role": "assistant", "content": "A square."}],
                }
            ],
        }
        assert client.post("/api/v1/traces", json=trace).status_code == 200
    login(page, alice, address)
    return page


def test_pictures_are_thumbnails_and_never_text(seen: Page) -> None:
    seen.goto("/p/support/traces/t/")
    panel = seen.locator("#span")
    pictures = panel.get_by_role("img", name="Picture in the message of user")
    expect(pictures).to_have_count(2)
    for number in range(2):
        pictures.nth(number).scroll_into_view_if_needed()
        expect(pictures.nth(number)).to_have_js_property("naturalWidth", 8)
    expect(panel).to_contain_text("What is it?")
    expect(panel).to_contain_text("The client has not uploaded it.")
    for bytes_as_text in ("iVBOR", "langfuseMedia", "base64"):
        expect(panel).not_to_contain_text(bytes_as_text)
    expect(panel.locator("audio")).to_have_attribute("src", "/p/support/media/" + SOUND_ID)
    with seen.expect_popup() as opened:
        panel.get_by_role("link", name="Open the image in the message of user").click()
    assert opened.value.locator("img").count() == 1


def test_media_are_accessible(seen: Page) -> None:
    seen.goto("/p/support/traces/t/")
    assert_no_violations(seen, LOOKS)
