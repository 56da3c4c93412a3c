"""What the command palette finds of features: pages, and features by name or title."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.urls import reverse

from features.addresses import feature_path
from features.queries.registry import features_of
from kit.palette import Entry

MOST = 5


def entries(person: Any, door: Any, text: str) -> Iterable[Entry]:
    """Pages of the project, and which features are called so."""
    if door is None:
        return
    slug = door.project.slug
    yield Entry(
        "Features", "page", reverse("features:features", args=[slug]), icon="mark", words="targets"
    )
    yield Entry(
        "Mapping rules", "page", reverse("features:rules", args=[slug]), icon="mark",
        words="features service.name",
    )  # fmt: skip
    wanted = text.strip().replace("\0", "").encode("utf-8", "replace").decode()[:200]
    if not wanted:
        return
    named = features_of(door.project).filter(
        Q(name__icontains=wanted) | Q(title__icontains=wanted), archived_at=None
    )
    for feature in named[:MOST]:
        href = feature_path(door.project, feature.name)
        yield Entry(feature.heading, "feature", href, icon="mark", found=True)
