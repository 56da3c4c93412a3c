"""Labels by people: lists of them, and how many answers bear one."""

from __future__ import annotations

from django.db.models import QuerySet
from django.db.models.fields.json import KeyTextTransform

from accounts.models import Project, User
from evals.models import HumanLabel


def labels_of(
    project: Project, *, name: str, author: User | None = None, with_dropped: bool = True
) -> QuerySet[HumanLabel]:
    """The labels under a score's name, the newest first, with the titles of their answers."""
    found = HumanLabel.objects.filter(project=project, name=name)
    if author is not None:
        found = found.filter(author=author)
    if not with_dropped:
        found = found.filter(is_dropped=False)
    return with_titles(found).select_related("settled_by").order_by("-at", "-pk")


def with_titles(rows: QuerySet[HumanLabel]) -> QuerySet[HumanLabel]:
    """Each with the `title` of its answer in the queue; what was said there is not read."""
    return rows.annotate(title=KeyTextTransform("title", "queue_item__snapshot"))


def labels_of_project(project: Project, *, name: str = "") -> QuerySet[HumanLabel]:
    """The project's labels with their authors, under every name or one."""
    found = HumanLabel.objects.filter(project=project)
    return (found.filter(name=name) if name else found).select_related("author")


def count_labelled(project: Project, *, name: str) -> int:
    """How many answers bear a label that counts."""
    found = HumanLabel.objects.filter(project=project, name=name, is_dropped=False)
    return found.values("trace_id", "span_id").distinct().count()


def label_of(project: Project, pk: int) -> HumanLabel | None:
    """One label of the project, or None."""
    return HumanLabel.objects.filter(project=project, pk=pk).select_related("project").first()
