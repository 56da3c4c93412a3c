"""What everybody finds in the command palette: projects, settings, one's account, the theme."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from accounts.access import Door, projects_of
from accounts.models import User
from accounts.settings_frame import sections_for
from kit.palette import Entry

_MOST_PROJECTS = 50
_THEMES = (("light", "Light theme", "sun"), ("dark", "Dark theme", "moon"))


def entries(person: User, door: Door | None, text: str) -> Iterator[Entry]:
    """Pages of settings and account, other projects, actions."""
    if door is not None:
        for section in sections_for(door):
            href = reverse(section.url_name, args=[door.project.slug])
            yield Entry(section.text, "settings", href, icon=section.icon, words="settings")
    if text.strip():
        for project in projects_of(person)[:_MOST_PROJECTS]:
            if door is None or project.pk != door.project.pk:
                href = f"/p/{project.slug}/"
                yield Entry(project.name, "project", href, icon="folder", words=project.slug)
    yield Entry("All projects", "page", reverse("accounts:projects"), icon="folder")
    yield Entry("My account", "page", reverse("accounts:me"), icon="user", words="profile password")
    for name, word, icon in _THEMES:
        yield Entry(word, "action", act=f"theme-{name}", icon=icon, words="appearance")
    yield Entry("Theme as the system", "action", act="theme-system", icon="screen")
    yield Entry("Keyboard shortcuts", "action", act="shortcuts", icon="dots", words="keys help")
