"""Addresses of the pages of features, for links that services and other apps hand out."""

from __future__ import annotations

from urllib.parse import quote

from accounts.models import Project


def feature_path(project: Project, name: str) -> str:
    """The page of a feature. Slashes of the name stay; all else is percent-encoded."""
    return f"/p/{project.slug}/features/{quote(name)}/"


def target_path(project: Project, name: str, number: int) -> str:
    """The page of one of its targets."""
    return f"{feature_path(project, name)}targets/{number}/"
