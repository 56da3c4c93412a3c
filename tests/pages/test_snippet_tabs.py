"""The snippets of onboarding: eight tabs that fit, one shown at a time, to be copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from accounts.models import Role
from tests.factories import make_project, make_user
from tests.pages.browsing import PAGE_LOOKS, Look, assert_no_violations, login, wear
from traces.pages.snippets import snippets

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def onboarding(page: Page, address: str) -> Page:
    """The page of a project without a trace, a key just made on it."""
    project = make_project()
    owner = make_user("o@example.com", organization=project.organization, role=Role.OWNER)
    login(page, owner, address)
    page.goto("/p/support/")
    page.get_by_role("button", name="Make a key").click()
    page.locator("#secret-key").wait_for()
    return page


@pytest.mark.parametrize("width", [1440, 390])
def test_every_tab_fits_and_shows_its_snippet_alone(onboarding: Page, width: int) -> None:
    wear(onboarding, Look("light", width))
    secret = onboarding.locator("#secret-key").inner_text()
    strip = onboarding.locator(".obt").bounding_box()
    assert strip is not None
    for snippet in snippets(""):
        tab = onboarding.locator(".obt label", has_text=snippet.word).first
        tab.click()
        box = tab.bounding_box()
        assert box is not None
        assert box["x"] >= strip["x"] - 1
        assert box["x"] + box["width"] <= strip["x"] + strip["width"] + 1
        shown = [one for one in onboarding.locator(".snp").all() if one.is_visible()]
        assert [one.get_attribute("data-language") for one in shown] == [snippet.name]
        assert secret in shown[0].locator("pre").inner_text()
        spare = onboarding.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert spare <= 0
        if snippet.name in ("typescript", "litellm"):  # the widest note, the narrowest
            looks = [look for look in PAGE_LOOKS if look.width == width]
            assert_no_violations(onboarding, reversed(looks))  # ends as it began


def test_they_stay_among_the_settings(onboarding: Page) -> None:
    public = onboarding.locator("#public-key").inner_text()
    onboarding.goto("/p/support/settings/snippets/")
    onboarding.locator(".obt label", has_text="Langfuse").click()
    text = onboarding.locator("#snippet-langfuse").inner_text()
    assert f'public_key="{public}"' in text
    assert 'secret_key="sk-rw-…"' in text  # it was shown once
    assert_no_violations(onboarding, PAGE_LOOKS)


def test_tabs_are_walked_with_the_keyboard(onboarding: Page) -> None:
    wear(onboarding, Look("light", 390))
    onboarding.get_by_role("radio", name="Python").focus()
    for _ in range(7):
        onboarding.keyboard.press("ArrowRight")
    assert onboarding.locator("#snippet-curl").is_visible()
    scrolled = onboarding.locator(".obt").evaluate("strip => strip.scrollLeft")
    assert scrolled > 0  # the strip moved along, and the page did not
    assert onboarding.evaluate("scrollX") == 0


def test_text_and_install_line_are_copied(onboarding: Page) -> None:
    onboarding.context.grant_permissions(["clipboard-read", "clipboard-write"])
    onboarding.locator(".obt label", has_text="Langfuse").click()
    secret = onboarding.locator("#secret-key").inner_text()
    for name, copied in (
        ("Copy the install line for Langfuse", "pip install langfuse openai"),
        ("Copy Langfuse", f'secret_key="{secret}"'),
    ):
        onboarding.get_by_role("button", name=name, exact=True).click()
        onboarding.get_by_text("Copied").first.wait_for()
        assert copied in onboarding.evaluate("navigator.clipboard.readText()")
