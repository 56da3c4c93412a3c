"""Features registered, described, given an owner, archived."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone

from accounts.models import Project, User
from accounts.queries import list_members
from accounts.services.trail import Actor, record, responsible
from features.models import Feature
from features.names import fault_of_name
from features.services.acting import lock
from features.services.errors import BadFeature, NothingToDo

MOST_FEATURES = 2_000


@dataclass(frozen=True)
class About:
    """What a person says of a feature. Owner and deputy are active members of the project."""

    title: str = ""
    description: str = ""
    owner: User | None = None
    deputy: User | None = None
    runbook_url: str = ""


def about_of(feature: Feature) -> About:
    """What is said of it now."""
    return About(
        title=feature.title,
        description=feature.description,
        owner=feature.owner,
        deputy=feature.deputy,
        runbook_url=feature.runbook_url,
    )


@transaction.atomic
def create_feature(
    project: Project, name: str, about: About | None = None, *, actor: Actor
) -> Feature:
    """Register the feature whose spans carry `name`. Raises: BadFeature."""
    if fault := fault_of_name(name):
        raise BadFeature(fault)
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    if Feature.objects.filter(project=project, name=name).exists():
        raise BadFeature(f"{name} is registered already.")
    if Feature.objects.filter(project=project).count() >= MOST_FEATURES:
        raise BadFeature(f"A project has at most {MOST_FEATURES:,} features.")
    feature = Feature(project=project, name=name, created_by=responsible(actor))
    said = _checked(project, about or About(), before=About())
    _set(feature, said)
    feature.save(force_insert=True)
    record(
        "feature.created",
        actor=actor,
        project=project,
        subject=feature,
        name=name,
        after=_plain(said),
    )
    return feature


@transaction.atomic
def change_feature(feature: Feature, about: About, *, actor: Actor) -> Feature:
    """Let this be said of the feature; what is said already changes nothing. Raises: BadFeature."""
    feature = lock(feature.pk)
    before = about_of(feature)
    after = _checked(feature.project, about, before=before)
    if after == before:
        return feature
    _set(feature, after)
    feature.changed_at = timezone.now()
    feature.save()
    was, now = _plain(before), _plain(after)
    changed = [name for name in now if was[name] != now[name]]
    record(
        "feature.changed",
        actor=actor,
        project=feature.project,
        subject=feature,
        name=feature.name,
        before={name: was[name] for name in changed},
        after={name: now[name] for name in changed},
    )
    return feature


@transaction.atomic
def archive_feature(feature: Feature, *, actor: Actor) -> Feature:
    """Take it out of the lists; its targets stay and hold. Raises: NothingToDo."""
    return _archive(feature, is_archived=True, actor=actor)


@transaction.atomic
def restore_feature(feature: Feature, *, actor: Actor) -> Feature:
    """Take it back into the lists. Raises: NothingToDo."""
    return _archive(feature, is_archived=False, actor=actor)


def _archive(feature: Feature, *, is_archived: bool, actor: Actor) -> Feature:
    feature = lock(feature.pk)
    if (feature.archived_at is not None) == is_archived:
        state = "archived" if is_archived else "in the lists"
        raise NothingToDo(f"{feature.heading} is {state} already.")
    feature.archived_at = timezone.now() if is_archived else None
    feature.changed_at = timezone.now()
    feature.save(update_fields=["archived_at", "changed_at"])
    record(
        "feature.archived" if is_archived else "feature.restored",
        actor=actor,
        project=feature.project,
        subject=feature,
        name=feature.name,
    )
    return feature


def _checked(project: Project, about: About, *, before: About) -> About:
    """What is stored. Somebody who is named already may stay, member or not."""
    title, description = _text(about.title), _text(about.description)
    if len(title) > 200:
        raise BadFeature("A title has at most 200 characters.", "title")
    if len(description) > 10_000:
        raise BadFeature("A description has at most 10,000 characters.", "description")
    members = {row.user.pk for row in list_members(project) if row.user.is_active}
    for where in ("owner", "deputy"):
        person = getattr(about, where)
        if person is None or person == getattr(before, where):
            continue
        if person.pk not in members:
            raise BadFeature(f"{person.display_name} is no member of the project.", where)
    if about.deputy is not None and about.deputy == about.owner:
        raise BadFeature("The deputy is somebody other than the owner.", "deputy")
    return About(title, description, about.owner, about.deputy, _url(about.runbook_url))


def _url(given: str) -> str:
    url = _text(given)
    if not url:
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.netloc or len(url) > 500:
        raise BadFeature("The runbook is an address of at most 500 characters.", "runbook_url")
    return url


def _text(given: str) -> str:
    return given.replace("\0", "").encode("utf-8", "replace").decode().strip()


def _set(feature: Feature, about: About) -> None:
    for name in About.__dataclass_fields__:
        setattr(feature, name, getattr(about, name))


def _plain(about: About) -> dict[str, str | None]:
    said = {name: getattr(about, name) for name in About.__dataclass_fields__}
    return {name: None if value is None else str(value) for name, value in said.items()}
