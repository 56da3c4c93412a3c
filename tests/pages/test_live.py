"""A page hears by name what changed, and says when it cannot hear."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from accounts.models import Project, User
from kit.live import announce
from tests.pages.browsing import connected, login
from traces.live import group_of

if TYPE_CHECKING:
    from playwright.sync_api import Page, WebSocketRoute

pytestmark = pytest.mark.django_db(transaction=True)

# A region as the pages have them, on a page that has none of its own.
REGION = """
addEventListener("DOMContentLoaded", () => {
  const region = document.createElement("section");
  region.dataset.live = "traces";
  region.id = "region";
  document.body.append(region);
  region.addEventListener("changed:traces", () => { region.textContent += "changed "; });
});
"""


@pytest.fixture
def live_page(page: Page, address: str, alice: User, project: Project) -> Page:
    """A page of the project whose region hears."""
    login(page, alice, address)
    page.add_init_script(REGION)
    with page.expect_websocket() as opened:
        page.goto(f"/p/{project.slug}/settings/general/")
    assert opened.value.url.endswith(f"/ws/p/{project.slug}")
    connected(page)
    return page


def test_a_region_hears_what_changed(live_page: Page, project: Project) -> None:
    announce(group_of(project.pk), {"type": "project.changed", "changed": ["traces"]})
    expect(live_page.locator("#region")).to_contain_text("changed")


def test_a_lost_socket_says_so_and_comes_back(
    page: Page, address: str, alice: User, project: Project
) -> None:
    is_away = False
    sockets: list[WebSocketRoute] = []

    def pass_on(socket: WebSocketRoute) -> None:
        sockets.append(socket)
        if is_away:
            socket.close()
        else:
            socket.connect_to_server()

    page.route_web_socket("**/ws/p/**", pass_on)
    login(page, alice, address)
    page.add_init_script(REGION)
    page.goto(f"/p/{project.slug}/settings/general/")
    connected(page)
    expect(page.locator("#live-state")).to_be_empty()
    is_away = True
    sockets[0].close()
    expect(page.locator("#live-state")).to_contain_text("Live updates paused, retrying")
    expect(page.locator("html[data-connected]")).to_have_count(0)
    is_away = False
    expect(page.locator("#live-state")).to_be_empty()
    # Whatever was said meanwhile was missed, so the region looks again.
    expect(page.locator("#region")).to_contain_text("changed")
