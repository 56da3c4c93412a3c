"""Addresses of the pages of gates, for links that services and answers hand out."""

from __future__ import annotations

from urllib.parse import quote

from accounts.models import Project


def gate_path(project: Project, gate: int) -> str:
    """The page of a gate."""
    return f"/p/{project.slug}/gates/{gate}/"


def gate_run_path(project: Project, gate: int, run: int) -> str:
    """The page of one answer of a gate."""
    return f"{gate_path(project, gate)}runs/{run}/"


def evaluator_path(project: Project, name: str = "") -> str:
    """The page of an evaluator, whose name may hold slashes; without a name that of all."""
    listed = f"/p/{project.slug}/evaluators/"
    return f"{listed}{quote(name)}/" if name else listed
