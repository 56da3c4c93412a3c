"""A feature or target below a project, opened for who looks."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from accounts.access import Door, enter
from accounts.models import Role
from features.models import Feature, Target
from features.queries.registry import feature_named, target_numbered


def open_feature(
    request: HttpRequest, project_slug: str, name: str, *, least: Role = Role.VIEWER
) -> tuple[Door, Feature]:
    """Raises: Http404, PermissionDenied."""
    door = enter(request, project_slug, least=least)
    feature = feature_named(door.project, name)
    if feature is None:
        raise Http404("This project has no such feature.")
    return door, feature


def open_target(
    request: HttpRequest, project_slug: str, name: str, number: int, *, least: Role = Role.VIEWER
) -> tuple[Door, Target]:
    """Raises: Http404, PermissionDenied."""
    door, feature = open_feature(request, project_slug, name, least=least)
    target = target_numbered(feature, number)
    if target is None:
        raise Http404("This feature has no such target.")
    return door, target
