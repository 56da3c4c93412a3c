"""What browser tests share: looks, states of a page to wait for, the accessibility check."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
# Each width once, and the other theme, which differs in colour alone.
LOOKS = [*(Look("light", width) for width in HEIGHTS), Look("dark", 1440)]
# The style guide is seen in all six; a page in three, because its pieces have been.
PAGE_LOOKS = [Look("light", 1440), Look("dark", 1440), Look("light", 390)]

AXE = Axe().axe_script
AXE_RUN = """async (rules) => (await axe.run(
  {resultTypes: ["violations"], ...(rules && {runOnly: {type: "rule", values: rules}})}
)).violations"""
OF_COLOUR = ["color-contrast", "link-in-text-block"]
OF_LAYOUT = ["scrollable-region-focusable"]
# The page as it is written, every element that shows, and what the contrast of its colours hangs
# on: where all of it stands as before, another width has only moved things.
SHOWN = """() => [...document.querySelectorAll("body, body *")].flatMap((one, place) => {
  if (!one.checkVisibility({visibilityProperty: true, opacityProperty: true})) return [];
  const its = getComputedStyle(one);
  return [[place, its.color, its.backgroundColor, its.backgroundImage, its.opacity, its.filter,
    its.fontSize, its.fontWeight, its.textDecorationLine, its.textShadow, its.position,
    its.zIndex]];
}).concat(document.body.outerHTML).join("\\n")"""
# Colours glide to another theme; axe must not measure them half-way.
ARRIVE = """() => document.getAnimations()
  .filter((one) => one instanceof CSSTransition).forEach((one) => one.finish())"""


def wear(page: Page, look: Look) -> None:
    """Show `page` in `look`; may be called before and after it is opened."""
    page.set_viewport_size({"width": look.width, "height": HEIGHTS[look.width]})
    page.emulate_media(color_scheme="dark" if look.theme == "dark" else "light")
    page.evaluate(ARRIVE)


def ready(page: Page) -> None:
    """Wait until all of the page's script that it has use for is here, its keys among it."""
    page.locator("html[data-ready]").wait_for(state="attached")


def settled(page: Page) -> None:
    """Wait until the page is ready and none of its pieces is still on its way."""
    ready(page)
    page.wait_for_function(
        "() => !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')"
    )


def connected(page: Page) -> None:
    """Wait until the page hears what changes."""
    page.locator("html[data-connected]").wait_for(state="attached")


def login(page: Page, user: User, address: str) -> None:
    """Sign `user` in at `address` without the form: a session of the test client as a cookie."""
    client = Client()
    client.force_login(user)
    session = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session.value, "url": address}]
    )


def assert_no_violations(page: Page, looks: Iterable[Look] = ()) -> None:
    """axe-core finds nothing, and the page does not scroll sideways, as it is or in all `looks`.

    It is opened once for all of them, since style alone differs; and between the themes of one
    width colour alone, so the second is held to the rules of colour, the first to all there are.
    A width that shows the same elements in the same colours as one before is held to the rules of
    layout.
    """
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(AXE)
    widths: set[int] = set()
    showed: set[str] = set()
    for look in looks or [None]:
        rules = None
        if look is not None:
            wear(page, look)
            shown = page.evaluate(SHOWN)
            if shown in showed:
                rules = OF_LAYOUT
            elif look.width in widths:
                rules = OF_COLOUR
            widths.add(look.width)
            showed.add(shown)
        place = f"{page.url} {look or ''}"
        violations = page.evaluate(AXE_RUN, rules)
        assert not violations, f"{place}\n" + "\n".join(
            f"{found['id']}: {found['help']}\n  "
            + "\n  ".join(f"{one['target']}: {one['failureSummary']}" for one in found["nodes"][:5])
            for found in violations
        )
        spare = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert spare <= 0, f"{place}: the page is {spare} px wider than the window"
