"""What a person finds of their notices in the command palette."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from accounts.access import Door
from accounts.models import User
from kit.palette import Entry


def entries(person: User, door: Door | None, text: str) -> Iterator[Entry]:
    """The list of notices, and how to get them."""
    yield Entry("Notices", "page", reverse("notices:inbox"), icon="bell", words="inbox unread")
    yield Entry(
        "How I get notices", "settings", reverse("notices:wishes"), icon="mail", words="mail mute"
    )
