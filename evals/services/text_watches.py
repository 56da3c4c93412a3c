"""Text watches: switched on for a feature, changed, removed."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from django.db import transaction

from accounts.models import Project
from accounts.services.trail import Actor, record, responsible
from evals.embedding import local
from evals.models import TextReference, TextWatch
from gateway.queries import NoProvider, provider_for
from kit.errors import DomainError
from kit.jobs import nudge
from kit.live import announce
from traces.live import group_of

MOST_WATCHES = 100  # of a project; a guess


class BadWatch(DomainError):
    """The watch cannot be so; `where` is the field."""

    def __init__(self, text: str, where: str) -> None:
        super().__init__(text)
        self.where = where


@dataclass(frozen=True, slots=True)
class WantedWatch:
    """What a watch says."""

    feature: str
    inputs: bool = True
    outputs: bool = True
    method: str = TextWatch.Method.PIECES.value
    provider: str = ""
    model: str = ""
    runs_gates: bool = False
    is_enabled: bool = True


@transaction.atomic
def create_watch(project: Project, wanted: WantedWatch, *, actor: Actor) -> TextWatch:
    """Watch a feature's texts from yesterday on. Raises: BadWatch."""
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    _check(project, wanted, None)
    watch = TextWatch.objects.create(
        project=project, created_by=responsible(actor), **asdict(wanted)
    )
    record("text_watch.created", actor=actor, project=project, subject=watch, **asdict(wanted))
    _changed(project.pk)
    return watch


@transaction.atomic
def change_watch(watch: TextWatch, wanted: WantedWatch, *, actor: Actor) -> TextWatch:
    """Let a watch be so from now on. Another way of making vectors begins a new reference.

    Raises: BadWatch.
    """
    project = watch.project
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    held = TextWatch.objects.select_for_update().get(pk=watch.pk)
    held.project = project
    _check(project, wanted, held)
    before = wanted_of(held)
    if before == wanted:
        return held
    for name, value in asdict(wanted).items():
        setattr(held, name, value)
    held.save()
    if wanted.feature != before.feature:
        TextReference.objects.filter(watch=held).delete()
    old, new = asdict(before), asdict(wanted)
    record(
        "text_watch.changed", actor=actor, project=project, subject=held,
        before={name: value for name, value in old.items() if value != new[name]},
        after={name: value for name, value in new.items() if value != old[name]},
    )  # fmt: skip
    _changed(project.pk)
    return held


@transaction.atomic
def delete_watch(watch: TextWatch, *, actor: Actor) -> None:
    """Forget a watch with its days and drifts."""
    record(
        "text_watch.deleted", actor=actor, project=watch.project, subject=watch,
        **asdict(wanted_of(watch)),
    )  # fmt: skip
    TextWatch.objects.filter(pk=watch.pk).delete()
    _changed(watch.project_id)


def wanted_of(watch: TextWatch) -> WantedWatch:
    """What a watch says now."""
    return WantedWatch(
        watch.feature, watch.inputs, watch.outputs, watch.method, watch.provider, watch.model,
        watch.runs_gates, watch.is_enabled,
    )  # fmt: skip


def _check(project: Project, wanted: WantedWatch, watch: TextWatch | None) -> None:
    name = wanted.feature
    if not name or name != name.strip() or not name.isprintable() or len(name) > 200:
        raise BadWatch("Choose a feature.", "feature")
    if not (wanted.inputs or wanted.outputs):
        raise BadWatch("Watch inputs, outputs, or both.", "inputs")
    others = TextWatch.objects.filter(project=project)
    if watch is not None:
        others = others.exclude(pk=watch.pk)
    elif others.count() >= MOST_WATCHES:
        raise BadWatch(f"A project has at most {MOST_WATCHES} watches.", "feature")
    if others.filter(feature=name).exists():
        raise BadWatch(f"Texts of {name} are watched already.", "feature")
    if wanted.method not in TextWatch.Method.values:
        raise BadWatch("Choose how texts become vectors.", "method")
    if wanted.method == TextWatch.Method.LOCAL and (why := local.fault()):
        raise BadWatch(why, "method")
    if wanted.method == TextWatch.Method.PROVIDER:
        if not wanted.model.strip() or len(wanted.model) > 200 or not wanted.model.isprintable():
            raise BadWatch("Say which embedding model.", "model")
        try:
            provider_for(project, model=wanted.model, name=wanted.provider)
        except NoProvider as error:
            raise BadWatch(str(error), "provider") from None


def _changed(project_id: int) -> None:
    announce(group_of(project_id), {"type": "project.changed", "changed": ["quality"]})
    nudge("evals.watch_texts")
