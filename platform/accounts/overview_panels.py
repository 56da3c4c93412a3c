"""Panels that apps add to a project's overview by URL; each view checks access itself."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from accounts.access import Door
from accounts.models import Role


@dataclass(frozen=True)
class Panel:
    """A piece of the page, fetched after it: `url_name` takes the project's slug.

    The view answers with a `<section class="card">`, or with nothing where it has nothing to say.
    `is_open` puts it into *Open for me*, else it stands below. Shown from the role `least`.
    """

    name: str
    title: str
    url_name: str
    least: Role = Role.VIEWER
    is_open: bool = True


@dataclass(frozen=True)
class PlacedPanel:
    """A panel with its address in one project."""

    name: str
    title: str
    href: str
    is_open: bool


_panels: list[Panel] = []


def add_panel(panel: Panel) -> None:
    """Show `panel` on every project's overview; called once, from an app's `ready`."""
    if panel.name not in {known.name for known in _panels}:
        _panels.append(panel)


def panels_for(door: Door) -> list[PlacedPanel]:
    """The panels that whoever came through `door` may see, in the order they were added."""
    return [
        PlacedPanel(
            panel.name,
            panel.title,
            reverse(panel.url_name, args=[door.project.slug]),
            panel.is_open,
        )
        for panel in _panels
        if door.may(panel.least)
    ]
