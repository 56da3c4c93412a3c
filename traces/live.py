"""Where the news of a project goes, for pages that are open."""

from __future__ import annotations


def group_of(project_id: int) -> str:
    """Name of the live group of a project."""
    return f"project.{project_id}"
