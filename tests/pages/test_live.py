"""A page hears by name what changed, and says when it cannot hear."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from accounts.models import Project, User
from kit.live import announce
from tests.pages.browsing import login
from traces.services import group_of

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
    """A page of the project whose region has an open socket."""
    login(page, alice, address)
    page.add_init_script(REGION)
    with page.expect_websocket() as opened:
        page.goto(f"/p/{project.slug}/settings/general/")
    assert opened.value.url.endswith(f"/ws/p/{project.slug}")
    return page


def test_a_region_hears_what_changed(live_page: Page, project: Project) -> None:
    heard = live_page.locator("#region")
    for _ in range(20):
        # The socket joins its group shortly after it is open.
        announce(group_of(project.pk), {"type": "project.changed", "changed": ["traces"]})
        if heard.inner_text():
            break
        live_page.wait_for_timeout(200)
    expect(heard).to_contain_text("changed")


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
    page.wait_for_function("document.readyState === 'complete'")
    expect(page.locator("#live-state")).to_be_empty()
    for _ in range(100):
        if sockets:
            break
        page.wait_for_timeout(50)
    is_away = True
    sockets[0].close()
    expect(page.locator("#live-state")).to_contain_text("Live updates paused, retrying")
    is_away = False
    expect(page.locator("#live-state")).to_be_empty(timeout=15_000)
    # Whatever was said meanwhile was missed, so the region looks again.
    expect(page.locator("#region")).to_contain_text("changed")
