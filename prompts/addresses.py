"""Addresses of the pages of prompts and reviews, for links that services and SDKs hand out."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from django.conf import settings

from accounts.models import Project


def prompt_path(project: Project, name: str) -> str:
    """The page of a prompt. Slashes of the name stay; all else is percent-encoded."""
    return f"/p/{project.slug}/prompts/{quote(name)}/"


def review_path(project: Project, number: int) -> str:
    """The page of a change request."""
    return f"/p/{project.slug}/reviews/{number}/"


def proposal_page(project: Project, name: str, label: str, number: int | None = None) -> str:
    """The page that proposes to move `label` (to version `number`), with the public address."""
    asked = {"prompt": name, "label": label}
    if number is not None:
        asked["version"] = str(number)
    return f"{settings.PUBLIC_URL}/p/{project.slug}/reviews/new/?{urlencode(asked)}"
