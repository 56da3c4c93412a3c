"""Labels by people: lists of them, and how many answers bear one."""

from __future__ import annotations

from django.db.models import Count, OuterRef, QuerySet, Subquery, TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce

from accounts.models import Project, User
from evals.models import HumanLabel, Result


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
    """Each with the `title` of its answer in the queue, else of its item; no text of it is read."""
    of_item = Result.objects.filter(trace_id=OuterRef("trace_id")).exclude(trace_id="")
    return rows.annotate(
        title=Coalesce(
            KeyTextTransform("title", "queue_item__snapshot"),
            Subquery(of_item.values("revision__title")[:1]),
            output_field=TextField(),
        )
    )


def labels_of_project(project: Project, *, name: str = "") -> QuerySet[HumanLabel]:
    """The project's labels with their authors, under every name or one."""
    found = HumanLabel.objects.filter(project=project)
    return (found.filter(name=name) if name else found).select_related("author")


def count_labelled(project: Project, *, name: str) -> int:
    """How many answers bear a label that counts."""
    found = HumanLabel.objects.filter(project=project, name=name, is_dropped=False)
    return found.values("trace_id", "span_id").distinct().count()


def labelled_by(project: Project, name: str, people: int) -> set[tuple[str, str]]:
    """The trace and span of each answer that bears labels of so many people, wherever given."""
    rows = HumanLabel.objects.filter(project=project, name=name, is_dropped=False)
    counted = rows.values("trace_id", "span_id").annotate(n=Count("pk")).filter(n__gte=people)
    return set(counted.values_list("trace_id", "span_id"))


def label_of(project: Project, pk: int) -> HumanLabel | None:
    """One label of the project, or None."""
    return HumanLabel.objects.filter(project=project, pk=pk).select_related("project").first()
