"""What the browser tests share: looks, signing in, and the accessibility check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client

from accounts.models import User

if TYPE_CHECKING:
    from playwright.sync_api import Page

HEIGHTS = {1440: 900, 1280: 800, 390: 844}


@dataclass(frozen=True)
class Look:
    """A theme and a width that pages must look right in."""

    theme: str
    width: int

    def __str__(self) -> str:
        return f"{self.theme}-{self.width}"


EVERY_LOOK = [Look(theme, width) for theme in ("light", "dark") for width in HEIGHTS]
# The style guide is seen in all six; a page in three, because its pieces have been.
PAGE_LOOKS = [Look("light", 1440), Look("dark", 1440), Look("light", 390)]
every_look = pytest.mark.parametrize("look", EVERY_LOOK, ids=str)
page_looks = pytest.mark.parametrize("look", PAGE_LOOKS, ids=str)


def wear(page: Page, look: Look) -> None:
    """Show `page` in `look`; may be called before and after it is opened."""
    page.set_viewport_size({"width": look.width, "height": HEIGHTS[look.width]})
    page.emulate_media(color_scheme="dark" if look.theme == "dark" else "light")


def login(page: Page, user: User, address: str) -> None:
    """Sign `user` in at `address` without the form: a session of the test client as a cookie."""
    client = Client()
    client.force_login(user)
    session = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session.value, "url": address}]
    )


def assert_no_violations(page: Page) -> None:
    """axe-core finds nothing, with all of its rules, and the page does not scroll sideways."""
    violations = Axe().run(page).response["violations"]
    assert not violations, "\n".join(
        f"{found['id']}: {found['help']}\n  "
        + "\n  ".join(f"{node['target']}: {node['failureSummary']}" for node in found["nodes"][:5])
        for found in violations
    )
    spare = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert spare <= 0, f"the page is {spare} px wider than the window"
