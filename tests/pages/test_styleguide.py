"""Every component, in its states, is usable by all and stays within the first-load budget."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from tests.pages.browsing import EVERY_LOOK, assert_no_violations, ready

if TYPE_CHECKING:
    from playwright.sync_api import Page

STATIC = settings.BASE_DIR / "static"
STYLES = ["css/base.css", "css/components.css", "css/pages.css"]
SCRIPTS = ["js/app.js", "js/live.js", "js/rows.js", "js/shortcuts.js", "js/tree.js"]


def _gzipped(names: list[str]) -> int:
    return sum(len(gzip.compress(Path(STATIC, name).read_bytes(), 9)) for name in names)


def test_axe_finds_nothing_in_any_theme_and_width(page: Page) -> None:
    page.goto("/styleguide/")
    ready(page)
    assert_no_violations(page, EVERY_LOOK)


def test_own_styles_and_scripts_stay_small() -> None:
    for of_the_page in ("css/detail.css", "css/list.css", "css/prompts.css"):
        assert _gzipped([*STYLES, of_the_page]) < 20_000
    assert _gzipped(SCRIPTS) < 12_000


def test_the_first_load_takes_eight_requests(page: Page) -> None:
    page.goto("/styleguide/")
    pieces = page.evaluate(
        """() => {
            const [page] = performance.getEntriesByType("navigation");
            return performance.getEntriesByType("resource")
                .filter((piece) => piece.startTime < page.loadEventStart)
                .map((piece) => piece.name)
                .filter((name) => !name.startsWith("data:"));
        }"""
    )
    # The guide alone shows the components of several kinds of pages, so it has styles of two.
    assert 1 + len(pieces) <= 8 + 1, pieces
