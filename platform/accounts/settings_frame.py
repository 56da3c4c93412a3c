"""The frame of a project's settings pages, and the sections that other apps add to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from accounts.access import Door
from accounts.models import Role


@dataclass(frozen=True)
class Section:
    """One entry at the left: `url_name` takes the project's slug; shown from the role `least`."""

    name: str
    text: str
    url_name: str
    icon: str
    least: Role = Role.VIEWER


_sections = [
    Section("general", "General", "accounts:general", "gear"),
    Section("members", "Members", "accounts:members", "users"),
    Section("keys", "API keys", "accounts:keys", "key"),
]


def add_section(section: Section) -> None:
    """Show `section` in every project's settings; called once, from an app's `ready`."""
    if section.name not in {known.name for known in _sections}:
        _sections.append(section)


def sections_for(door: Door) -> list[Section]:
    """The sections that this role sees."""
    return [known for known in _sections if door.may(known.least)]


def settings_context(door: Door, section: str, title: str) -> dict[str, Any]:
    """What the template `accounts/settings.html` needs around the page of `section`."""
    slug = door.project.slug
    return {
        "title": title,
        "crumbs": [{"text": "Settings", "href": reverse("accounts:general", args=[slug])}],
        "nav_current": "settings",
        "section": section,
        "sections": [
            {
                "text": known.text,
                "href": reverse(known.url_name, args=[slug]),
                "name": known.name,
                "icon": known.icon,
            }
            for known in sections_for(door)
        ],
    }
